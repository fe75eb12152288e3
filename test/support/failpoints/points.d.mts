export const POINTS: Readonly<Record<string, string>>;
export const PLACES: Readonly<Record<string, string>>;
export function pointsOf(text: string, values?: readonly unknown[]): string[];
