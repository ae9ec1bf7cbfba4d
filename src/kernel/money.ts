/** An amount of money in fen (分, 1/100 yuan): always a whole number. */
export type Fen = number

/** `350` -> `3.50`, as SIP2's BV, Alipay and couriers write it. */
export const toYuan = (fen: Fen): string => {
  const abs = Math.abs(fen)
  return `${fen < 0 ? '-' : ''}${Math.floor(abs / 100)}.${String(abs % 100).padStart(2, '0')}`
}

/** `3.5`, `3.50`, `-75`, ` 111.11 ` -> fen; undefined when it is no amount or has fractions of a fen. */
export const parseYuan = (text: string): Fen | undefined => {
  const match = /^([+-])?(\d{1,12})(?:\.(\d{1,2})0*)?$/.exec(text.trim())
  if (!match) return undefined
  const fen = Number(match[2]) * 100 + Number((match[3] ?? '').padEnd(2, '0'))
  return match[1] === '-' ? -fen || 0 : fen
}
