import { readdir, readFile } from 'node:fs/promises';

/** Linux counts in hundredths of a second wherever Node runs (`getconf CLK_TCK`). */
const MS_A_TICK = 10;
const PARENT = 1;
const OWN_TICKS = [11, 12] as const;
/** Of the children that have ended and were waited for. */
const CHILDREN_TICKS = [13, 14] as const;

/** The process that started a backend; `null` where /proc is not that of the server's machine. */
export async function parentOfBackend(backend: number): Promise<number | null> {
  const fields = await statOf(backend);
  return fields?.name === 'postgres' ? Number(fields.rest[PARENT]) : null;
}

/**
 * Milliseconds of CPU time that a PostgreSQL server has taken since it started: its first process, the ones that it runs,
 * and those that have ended.
 */
export async function serverCpuMs(postmaster: number): Promise<number> {
  const folders = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const all = await Promise.all(
    folders.map(async (name) => ({ pid: Number(name), fields: await statOf(Number(name)) })),
  );
  let ticks = 0;
  for (const { pid, fields } of all) {
    if (fields === null) continue;
    if (pid === postmaster) ticks += sum(fields.rest, [...OWN_TICKS, ...CHILDREN_TICKS]);
    else if (Number(fields.rest[PARENT]) === postmaster) ticks += sum(fields.rest, OWN_TICKS);
  }
  return ticks * MS_A_TICK;
}

/** The fields of /proc/<pid>/stat: the name, which may hold spaces and brackets, and what follows it. */
async function statOf(pid: number): Promise<{ name: string; rest: string[] } | null> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    const end = text.lastIndexOf(')');
    return { name: text.slice(text.indexOf('(') + 1, end), rest: text.slice(end + 2).split(' ') };
  } catch {
    // It has ended meanwhile, or this system has no /proc.
    return null;
  }
}

function sum(fields: readonly string[], places: readonly number[]): number {
  return places.reduce((total, place) => total + Number(fields[place]), 0);
}
