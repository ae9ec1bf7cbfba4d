/** Writes ISO 2709 for tests, as ISO 2709 says and not as our reader reads. */
import iconv from 'iconv-lite'

export type TestField = readonly [tag: string, value: string]

export interface TestRecord {
  readonly fields: readonly TestField[]
  readonly dialect?: 'cnmarc' | 'marc21'
  readonly encoding?: 'utf-8' | 'gb18030' | 'gbk' | 'latin1' | 'big5'
  /** Columns 5 to 9 of the leader. */
  readonly status?: string
}

const pad = (value: number, digits: number): string => String(value).padStart(digits, '0')

/** `$a` begins subfield a; a data field's value begins with its two indicators: `1 $a三体$f刘慈欣著`. */
export const isoRecord = ({ fields, dialect = 'cnmarc', encoding = 'utf-8', status }: TestRecord): Buffer => {
  const data = fields.map(([, value]) => iconv.encode(`${value.replaceAll('$', '\x1f')}\x1e`, encoding))
  let place = 0
  const directory = fields.map(([tag], i) => {
    const entry = tag + pad(data[i]!.length, 4) + pad(place, 5)
    place += data[i]!.length
    return entry
  })
  const base = 24 + directory.length * 12 + 1
  const kind = status ?? (dialect === 'cnmarc' ? 'nam0 ' : 'cam a')
  const tail = dialect === 'cnmarc' ? '   450 ' : ' a 4500'
  const leader = `${pad(base + place + 1, 5)}${kind}22${pad(base, 5)}${tail}`
  return Buffer.concat([
    Buffer.from(`${leader}${directory.join('')}\x1e`, 'latin1'),
    ...data,
    Buffer.from([0x1d]),
  ])
}

/** A plausible CNMARC book. */
export const cnmarcBook = (control: string, title: string, more: readonly TestField[] = []): TestRecord => ({
  fields: [
    ['001', control],
    ['100', '  $a20200101d2020    em y0chiy50      ea'],
    ['101', '0 $achi'],
    ['200', `1 $a${title}$f张三著`],
    ['210', '  $a北京$c人民文学出版社$d2020.05'],
    ['701', ' 0$a张三$4著'],
    ...more,
  ],
})
