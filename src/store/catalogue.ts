import type { CatalogueRows } from './catalogue-rows.ts';
import type { Connection } from './connection.ts';

/** Rebuilds the two tables where the catalogue is not the one that they were made from. */
export function syncCatalogue({ db, statement }: Connection, rows: CatalogueRows): void {
  const kept = (): boolean =>
    statement(`SELECT 1 FROM meta WHERE key = 'catalogue_hash' AND value = ?`).get(rows.hash) !== undefined;
  if (kept()) return;
  db.transaction(() => {
    if (kept()) return;
    db.exec('DELETE FROM codec_configurations; DELETE FROM platform_presets;');
    for (const { compatibility, quality_range, default_params, is_enabled, ...plain } of rows.codecs) {
      insert('codec_configurations', statement, {
        ...plain,
        compatibility: JSON.stringify(compatibility),
        quality_range: quality_range && JSON.stringify(quality_range),
        default_params: JSON.stringify(default_params),
        is_enabled: is_enabled ? 1 : 0,
      });
    }
    for (const { recommended_settings, ...plain } of rows.platforms) {
      insert('platform_presets', statement, { ...plain, recommended_settings: JSON.stringify(recommended_settings) });
    }
    statement(`INSERT OR REPLACE INTO meta (key, value) VALUES ('catalogue_hash', ?)`).run(rows.hash);
  }).immediate();
}

function insert(table: string, statement: Connection['statement'], row: Readonly<Record<string, unknown>>): void {
  const names = Object.keys(row);
  statement(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map((name) => `@${name}`).join(', ')})`).run(
    row,
  );
}
