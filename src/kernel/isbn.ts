const isbn10 = (digits: string): boolean => {
  let sum = 0
  for (let i = 0; i < 10; i++) sum += (digits[i] === 'X' ? 10 : Number(digits[i])) * (10 - i)
  return sum % 11 === 0
}

const checkDigit13 = (twelve: string): string => {
  let sum = 0
  for (let i = 0; i < 12; i++) sum += Number(twelve[i]) * (i % 2 === 0 ? 1 : 3)
  return String((10 - (sum % 10)) % 10)
}

/** Digits with single hyphens or blanks between them, up to the first other character: ` 978-7-04-010937-5 (精装)`. */
const shape =
  /^[^0-9０-９]{0,10}([0-9](?:[-\u2010-\u2015\s]{0,2}[0-9]){8,12}(?:[-\u2010-\u2015\s]{0,2}X)?)(?![0-9])/

/** The 13 digits of a valid ISBN-10 or ISBN-13 at the head of a text; undefined when there is none. */
export const isbn13 = (text: string): string | undefined => {
  const found = shape.exec(text.normalize('NFKC').toUpperCase())?.[1]
  if (!found) return undefined
  const digits = found.replace(/[^0-9X]/g, '')
  if (/^97[89][0-9]{10}$/.test(digits))
    return checkDigit13(digits.slice(0, 12)) === digits[12] ? digits : undefined
  if (!/^[0-9]{9}[0-9X]$/.test(digits) || !isbn10(digits)) return undefined
  const twelve = `978${digits.slice(0, 9)}`
  return twelve + checkDigit13(twelve)
}
