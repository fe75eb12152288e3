/** What sessions are called in `pg_stat_activity` that wait for their next client. */
export declare const KEPT: string;
