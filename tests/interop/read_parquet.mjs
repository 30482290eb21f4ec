// read_parquet.mjs FILE [rows]: what hyparquet makes of a file: one line about its shape, then a line a row.
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'

const file = await asyncBufferFromFile(process.argv[2])
const meta = await parquetMetadataAsync(file)
const exact = (key, value) => typeof value === 'bigint' ? value.toString() : value
const out = [JSON.stringify({
  rows: meta.num_rows, groups: meta.row_groups.map(g => g.num_rows),
  columns: meta.schema.slice(1).map(c => [c.name, c.type, c.converted_type ?? null, c.scale ?? null]),
}, exact)]
for (const row of await parquetReadObjects({ file })) out.push(JSON.stringify(row, exact))
process.stdout.write(out.join('\n') + '\n')
