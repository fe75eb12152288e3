/** A table of seats, and a workflow that books one in a step with a transaction of its own. */
import { Column, Entity, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';
import { durable, type StepHandler } from '../../../lib/index.js';
import { DurableApps, type DurableApp } from '../../support/durable-app.js';

@Entity({ name: 'seat' })
export class Seat {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column({ type: 'text' })
  guest!: string;
}

@Entity({ name: 'day' })
export class Day {
  @PrimaryColumn({ type: 'timestamptz' })
  date!: Date;
}

export const apps = new DurableApps();
export const once = { transactional: true, maxAttempts: 1 } as const;

beforeAll(async () => {
  await apps.sql('create table seat (id serial primary key, guest text not null, unique (guest))');
  await apps.sql('create table day (date timestamptz primary key)');
  await apps.sql('create table counter (id int primary key, n int not null)');
});

afterEach(async () => {
  await apps.sql('truncate seat, day, counter restart identity');
});

export async function bootWith(handler: StepHandler, options: object = once): Promise<DurableApp> {
  return apps.boot({
    typeorm: { entities: [Seat, Day] },
    workflows: [
      durable('book')
        .step('seat', handler, options)
        .step('after', () => 'on'),
    ],
  });
}

export async function guests(): Promise<string[]> {
  return (await apps.sql<{ guest: string }>('select guest from seat order by id')).map(({ guest }) => guest);
}
