const han = /[\u2e80-\u9fff\uf900-\ufaff\u{20000}-\u{3ffff}]/u

/** The wide blanks that some union catalogues put between Chinese words. */
const segmentation = /(?<=[\u2e80-\u9fff])\u3000+(?=[\u2e80-\u9fff])/g

/** Whether a text holds Chinese characters. */
export const isChinese = (text: string): boolean => han.test(text)

const outer = /^[\s/:;=,，；：、]|[\s/:;=,+，；：、.．]$|\u3000/

/** `; ` and the like that ISBD puts before the next element, and the full stop that ends a MARC field. */
export const tidy = (text: string): string => {
  if (!outer.test(text)) return text
  const trimmed = text
    .replace(segmentation, '')
    .replace(/[\s/:;=,+，；：、]+$/u, '')
    .replace(/^[\s/:;=,，；：、]+/u, '')
  if (!/[.．]$/.test(trimmed) || /\.\.\.$/.test(trimmed)) return trimmed
  return abbreviation.test(trimmed) ? trimmed : trimmed.slice(0, -1).trimEnd()
}

/** Keeps its stop: an initial, `Dawson, A. J.`, or a customary short form, `et al.` */
const abbreviation = /(?:^|[\s.,([])(?:\p{Script=Latin}|Jr|Sr|al|etc|ed|Inc|Co|Ltd|St|Dr|Mr|Mrs)\.$/iu

/** `[济南]`, `[1966?]`: what the cataloguer supplied reads the same without its brackets. */
export const unbracket = (text: string): string => {
  const inner = /^\[([^[\]]*)\]?$/.exec(text)?.[1] ?? /^([^[\]]*)\]$/.exec(text)?.[1]
  return inner === undefined ? text : tidy(inner)
}

/** Blanks between Chinese words are typing; between Latin ones they count. */
export const join = (parts: readonly string[], latin: string, chinese: string): string => {
  const present = parts.filter(p => p !== '')
  return present.join(present.some(isChinese) ? chinese : latin)
}

export const unique = (texts: readonly string[]): string[] => {
  const found: string[] = []
  for (const text of texts) if (text !== '' && !found.includes(text)) found.push(text)
  return found
}

/** A year that a book on a shelf may have. */
const plausibleYear = (year: number): number | undefined => (year >= 868 && year <= 2100 ? year : undefined)

/**
 * The year of a publication date as cataloguers write it: `2010.09`, `c2004`, `1993[民82]`, `民84`, `[1966?]`;
 * undefined for `197-?` and the like.
 */
export const yearOf = (date: string): number | undefined => {
  const text = date.normalize('NFKC')
  const western = /(?<![0-9])([0-9]{4})(?![0-9])/.exec(text)?.[1]
  if (western) return plausibleYear(Number(western))
  const minguo = /(?:民國?|民国)\s?([0-9]{1,3})/.exec(text)?.[1]
  return minguo ? plausibleYear(1911 + Number(minguo)) : undefined
}

/** Four columns of coded data that are a year. */
export const codedYear = (columns: string): number | undefined =>
  /^[0-9]{4}$/.test(columns) ? plausibleYear(Number(columns)) : undefined

const roles =
  /(?:等|编著|编着|主编|合著|合编|编写|编译|译注|校注|注释|选编|编选|改编|口述|撰文|作者|原著|[著着编編撰译譯作绘繪注註輯辑])+$/u

/** `(英)J.K.罗琳著`, `马月坤，陈昊主编`: the names in a Chinese statement of responsibility. */
export const namesInStatement = (statement: string): string[] =>
  tidy(statement)
    .split(/[,，、;；]/)
    .map(part => part.replace(/[[【(（〔][^\])）】〕]{1,6}[\])）】〕]/gu, '').trim())
    .map(part => (isChinese(part) ? part.replace(roles, '') : part))
    .map(tidy)
