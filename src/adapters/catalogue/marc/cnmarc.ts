import { clcNumber } from '../../../kernel/clc.ts'
import { isbn13 } from '../../../kernel/isbn.ts'
import type { Draft } from './draft.ts'
import { type Field, first, type MarcRecord, values } from './fields.ts'
import { type HoldingsSettings, itemsOf } from './holdings.ts'
import { codedYear, isChinese, join, namesInStatement, tidy, unbracket, unique, yearOf } from './tidy.ts'

/** CNMARC (and UNIMARC, and Taiwan's CMARC) to a draft. */
export const fromCnmarc = (record: MarcRecord, holdings: HoldingsSettings): Draft => {
  const [title] = record.all('200')
  const imprint = record.all('210')
  const general = first(record.all('100')[0], 'a')
  const { items, invalid } = itemsOf(record, holdings.cnmarc, holdings.closedLocations)
  return {
    title: tidy(first(title, 'a')),
    titleRest: title ? titleRest(title) : '',
    authors: authorsOf(record, title),
    publisher: unbracket(tidy(values(imprint, 'c')[0] ?? '')),
    place: unbracket(tidy(values(imprint, 'a')[0] ?? '')),
    year: yearOf(values(imprint, 'd')[0] ?? '') ?? codedYear(general.slice(9, 13)),
    // An ISSN is too short to be taken for the ISBN that some put into its field.
    isbns: [...values(record.all('010'), 'a'), ...values(record.all('011'), 'a').filter(n => isbn13(n))],
    clc: values(record.all('690'), 'a')
      .map(clcNumber)
      .find(n => n !== undefined),
    subjects: unique(record.all('606', '600', '601', '605', '607', '610').flatMap(subjectsOf)),
    summary: values(record.all('330'), 'a').join('\n'),
    language: first(record.all('101')[0], 'a').slice(0, 3).toLowerCase(),
    items,
    invalidBarcodes: invalid,
  }
}

/** `供应链的增值. 第1卷，总论 = Process management : creating value` from $e, $h, $i, further $a and $d. */
const titleRest = (title: Field): string => {
  const own: string[] = []
  const parts: string[] = []
  const parallel: string[] = []
  for (const { code, value } of afterTitle(title)) {
    if (code === 'd') parallel.push(`= ${tidy(value.replace(/^=/, ''))}`)
    else if (code === 'e' && parallel.length > 0) parallel.push(`: ${tidy(value)}`)
    else if (code === 'e' || code === 'a') own.push(tidy(value))
    else if (code === 'h' || code === 'i') parts.push(tidy(value))
  }
  const main = [own.join(' : '), join(parts, ', ', '，')].filter(t => t !== '').join('. ')
  return [main, ...parallel].filter(t => t !== '').join(' ')
}

const afterTitle = (title: Field): Field['subfields'] => {
  const at = title.subfields.findIndex(s => s.code === 'a')
  return title.subfields.filter((_, i) => i !== at)
}

/** Names from the headings 70x-72x; where there are none, from the statement of responsibility. */
const authorsOf = (record: MarcRecord, title: Field | undefined): string[] => {
  const headings = record.all('700', '710', '720', '701', '711', '721', '702', '712', '722')
  if (headings.length === 0) return unique(values(title ? [title] : [], 'f').flatMap(namesInStatement))
  return unique([...headings.map(nameOf), ...headings.flatMap(foreignForms)])
}

/** Family name and forename of a person, body and department of a corporation. */
const nameOf = (heading: Field): string =>
  join([tidy(first(heading, 'a')), tidy(first(heading, 'b'))], heading.tag < '710' ? ', ' : ' ', '')

/** `(Rowling, J. K)` in $c: the name as its owner writes it; `(清)` and `(1712-1770)` are none. */
const foreignForms = (heading: Field): string[] =>
  values([heading], 'c')
    .map(c => tidy(c.replace(/^[(（\s]+|[)）\s]+$/g, '')))
    .filter(c => !isChinese(c) && /\p{L}{2}/u.test(c))

const subjectsOf = (field: Field): string[] => {
  if (field.tag === '610') return values([field], 'a').map(tidy)
  const name = field.tag === '600' ? nameOf(field) : tidy(first(field, 'a'))
  const divisions = field.subfields.filter(s => 'tjxyz'.includes(s.code)).map(s => tidy(s.value))
  return join([name, ...divisions], ' -- ', '－')
    .split(/[;；]/)
    .map(tidy)
}
