import type Database from 'better-sqlite3';

/** What the tables' modules work with. */
export interface Connection {
  readonly db: Database.Database;
  /** Local user name. */
  readonly user: string;
  /** The current time, ISO 8601 in UTC. */
  now(): string;
  /** Prepared once, on first use: opening must not pay for statements that a command never runs. */
  statement(sql: string): Database.Statement;
}

export function connectionOf(db: Database.Database, user: string, now: () => string): Connection {
  const prepared = new Map<string, Database.Statement>();
  const statement = (sql: string): Database.Statement => {
    const known = prepared.get(sql);
    if (known) return known;
    const fresh = db.prepare(sql);
    prepared.set(sql, fresh);
    return fresh;
  };
  return { db, user, now, statement };
}
