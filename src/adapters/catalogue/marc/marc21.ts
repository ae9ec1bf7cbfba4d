import { clcNumber } from '../../../kernel/clc.ts'
import type { Draft } from './draft.ts'
import { type Field, first, type MarcRecord, values } from './fields.ts'
import { type HoldingsSettings, itemsOf } from './holdings.ts'
import { codedYear, isChinese, join, namesInStatement, tidy, unbracket, unique, yearOf } from './tidy.ts'

/** MARC21 to a draft. Where 880 holds the original script of a field, that is taken. */
export const fromMarc21 = (record: MarcRecord, holdings: HoldingsSettings): Draft => {
  const original = withOriginals(record)
  const [title] = original('245')
  const publication = original('264').filter(f => f.indicators[1] === '1')
  const imprint = publication.length > 0 ? publication : original('260')
  const coded = record.columns('008')
  const { items, invalid } = itemsOf(record, holdings.marc21, holdings.closedLocations)
  return {
    title: unbracket(tidy(first(title, 'a'))),
    titleRest: title ? titleRest(title) : '',
    authors: authorsOf(original, title),
    publisher: unbracket(tidy(values(imprint, 'b')[0] ?? '')),
    place: unbracket(tidy(values(imprint, 'a')[0] ?? '')),
    year: codedYear(coded.slice(7, 11)) ?? yearOf(values(imprint, 'c')[0] ?? ''),
    isbns: values(record.all('020'), 'a'),
    clc: clcOf(record),
    subjects: unique(original('650', '600', '610', '611', '630', '651', '653').flatMap(subjectsOf)),
    summary: original('520')
      .map(f => join([first(f, 'a'), first(f, 'b')], ' ', ''))
      .join('\n'),
    language: (/^[a-z]{3}$/.exec(coded.slice(35, 38))?.[0] ?? first(record.all('041')[0], 'a')).slice(0, 3),
    items,
    invalidBarcodes: invalid,
  }
}

type Originals = (...tags: readonly string[]) => readonly Field[]

/** `880 $6 245-02/$1` holds the original script of the 245 whose $6 is `880-02`; `-00` belongs to none. */
const withOriginals = (record: MarcRecord): Originals => {
  const linked = new Map<string, Field>()
  const alone: Field[] = []
  for (const field of record.all('880')) {
    const link = /^([0-9]{3})-([0-9]{2})/.exec(first(field, '6'))
    if (!link) continue
    const own = { ...field, tag: link[1]! }
    if (link[2] === '00') alone.push(own)
    else linked.set(`${link[1]}-${link[2]}`, own)
  }
  return (...tags) => {
    const found = record.all(...tags).map(field => {
      const number = /^880-([0-9]{2})/.exec(first(field, '6'))?.[1]
      return (number && linked.get(`${field.tag}-${number}`)) || field
    })
    return [...found, ...alone.filter(f => tags.includes(f.tag))]
  }
}

/** `a novel. Part 2, The mysterious island = L'île` from $b, $n and $p. */
const titleRest = (title: Field): string => {
  const subtitle = tidy(values([title], 'b').join(' '))
  const parts = join(
    title.subfields.filter(s => s.code === 'n' || s.code === 'p').map(s => tidy(s.value)),
    ', ',
    '，',
  )
  return [subtitle, parts].filter(t => t !== '').join('. ')
}

const authorsOf = (original: Originals, title: Field | undefined): string[] => {
  const names = original('100', '110', '111', '700', '710', '711').filter(notATitle).map(nameOf)
  return unique(names.length > 0 ? names : namesSaid(first(title, 'c')))
}

/** A heading with $t names a work, not somebody who made this one. */
const notATitle = (heading: Field): boolean => first(heading, 't') === ''

const nameOf = (heading: Field): string => {
  const name = tidy(first(heading, 'a'))
  const more = heading.tag[1] === '0' ? '' : values([heading], 'b').map(tidy).join('. ')
  // `Austen, Jane :著`: the role stands behind the name in records of the National Library of China.
  return [name.replace(/\s*[:：]\s*\p{Script=Han}{1,4}$/u, ''), more].filter(t => t !== '').join('. ')
}

/** `by W.D. Howells ; illustrated ...` -> `W.D. Howells`. */
const namesSaid = (statement: string): string[] => {
  const main = statement.split(/\s;\s/)[0] ?? ''
  if (isChinese(main)) return namesInStatement(main)
  return [tidy(main).replace(/^\[?(?:by|edited by|compiled by)\]?\s+/i, '')]
}

/** 093, where Chinese libraries keep it; 084 or 090 when it says that it is of the Chinese classification. */
const clcOf = (record: MarcRecord): string | undefined => {
  const said = record.all('084', '090').filter(f => /^(?:clc|ztf|ctf)$/i.test(first(f, '2')))
  return values([...record.all('093'), ...said], 'a')
    .map(clcNumber)
    .find(n => n !== undefined)
}

const subjectsOf = (field: Field): string[] => {
  if (field.tag === '653') return values([field], 'a').map(tidy)
  const name = values([field], 'a').map(tidy).join(', ')
  const divisions = field.subfields.filter(s => 'tvxyz'.includes(s.code)).map(s => tidy(s.value))
  const all = [name, ...divisions]
  return [join(all, ' -- ', all.every(isChinese) ? '－' : ' -- ')]
}
