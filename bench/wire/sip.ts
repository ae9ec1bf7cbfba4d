/** Just enough of the protocol for a party that must cost next to nothing: text of one byte a character. */

export const date = '20261122    093000'

/** With AY, AZ and the line's end. */
export const sealed = (text: string, sequence: string): string => {
  const body = `${text}AY${sequence}AZ`
  let sum = 0
  for (let i = 0; i < body.length; i++) sum += body.charCodeAt(i)
  return `${body}${(-sum & 0xffff).toString(16).toUpperCase().padStart(4, '0')}\r`
}

/** The value of a field that stands behind a delimiter or right behind the fixed part. */
export const valueIn = (line: string, id: string): string => {
  const at = line.indexOf(id, 20)
  return at < 0 ? '' : line.slice(at + 2, line.indexOf('|', at))
}

/** Every second item is out. */
export const isOut = (barcode: string): boolean => (barcode.charCodeAt(barcode.length - 1) & 1) === 1

export const askItem = (barcode: string, sequence: number): string =>
  sealed(`17${date}AOBENCH|AB${barcode}|AC|`, String(sequence % 10))

/** Takes lines out of a stream of text. */
export const createLines = (take: (line: string) => void): ((chunk: string) => void) => {
  let rest = ''
  return chunk => {
    const text = rest + chunk
    let from = 0
    for (let end = text.indexOf('\r'); end >= 0; end = text.indexOf('\r', from)) {
      take(text.slice(from, end))
      from = end + 1
    }
    rest = from === 0 ? text : text.slice(from)
  }
}
