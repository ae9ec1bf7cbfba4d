import { parseDueDate, usualDueDates } from '../dates.ts'

/** Forms that leave open which number is the day; each is tried, and two that fit with different days are told. */
const doubtful: readonly string[] = [
  'M/D/YYYY,HH:mm',
  'D/M/YYYY,HH:mm',
  'M/D/YYYY HH:mm',
  'D/M/YYYY HH:mm',
  'M/D/YYYY',
  'D/M/YYYY',
  'D.M.YYYY HH:mm',
  'D.M.YYYY',
  'D-M-YYYY',
  'M-D-YYYY',
]

export type DueForm =
  | { readonly is: 'usual'; readonly format: string }
  /** Only one of the doubtful forms fits every text. */
  | { readonly is: 'own'; readonly format: string }
  | { readonly is: 'undecided'; readonly formats: readonly string[] }
  | { readonly is: 'unreadable' }

/** The form in which all of `texts` are written; a day above 12 tells the day from the month. */
export const dueForm = (texts: readonly string[], zone: string): DueForm => {
  const fits = (format: string): boolean =>
    texts.every(text => parseDueDate(text, [format], zone) !== undefined)
  const usual = usualDueDates.find(fits)
  if (usual !== undefined) return { is: 'usual', format: usual }
  const formats = doubtful.filter(fits)
  if (formats.length === 0) return { is: 'unreadable' }
  return formats.length === 1 ? { is: 'own', format: formats[0]! } : { is: 'undecided', formats }
}
