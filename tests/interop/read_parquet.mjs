// read_parquet.mjs FILE: what hyparquet makes of a file: one line about its shape, then a line a row.
// Amounts are pairs: hyparquet's double, and the whole number that stands there, which it would round.
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'

const file = await asyncBufferFromFile(process.argv[2])
const meta = await parquetMetadataAsync(file)
const exact = (key, value) => typeof value === 'bigint' ? value.toString() : value
const out = [JSON.stringify({
  rows: meta.num_rows, groups: meta.row_groups.map(g => g.num_rows),
  columns: meta.schema.slice(1).map(c => [c.name, c.type, c.converted_type ?? null, c.scale ?? null]),
}, exact)]

const whole = bytes => BigInt.asIntN(8 * bytes.length, bytes.reduce((n, b) => n << 8n | BigInt(b), 0n))
const amounts = meta.schema.filter(c => c.converted_type === 'DECIMAL').map(c => c.name)
const rows = await parquetReadObjects({ file })
for (const column of meta.schema) if (amounts.includes(column.name)) {
  delete column.converted_type
  delete column.logical_type
}
const plain = await parquetReadObjects({ file, metadata: meta })
rows.forEach((row, i) => {
  for (const name of amounts) if (row[name] != null) row[name] = [row[name], whole(plain[i][name])]
  out.push(JSON.stringify(row, exact))
})
process.stdout.write(out.join('\n') + '\n')
