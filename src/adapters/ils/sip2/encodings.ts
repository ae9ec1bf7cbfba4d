import iconv from 'iconv-lite'

/** Character sets a library system may speak. GB18030 holds all of GBK and GB2312. */
export const encodings = ['utf-8', 'gb18030', 'cp850', 'iso-8859-1', 'ascii'] as const
export type Encoding = (typeof encodings)[number]

export const isEncoding = (name: string): name is Encoding => (encodings as readonly string[]).includes(name)

const view = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Bytes to text; what is no character of the charset becomes U+FFFD. Never throws. */
export const decode = (bytes: Uint8Array, encoding: Encoding): string => {
  if (encoding === 'utf-8') return view(bytes).toString('utf8')
  if (encoding === 'iso-8859-1') return view(bytes).toString('latin1')
  return iconv.decode(view(bytes), encoding, { stripBOM: false })
}

export interface Encoded {
  readonly bytes: Uint8Array
  /** The characters the charset lacks, each once; they were written as `?`. */
  readonly lacking: readonly string[]
}

const none: readonly string[] = []

/** Text to bytes, telling which characters could not be written. */
export const encode = (text: string, encoding: Encoding): Encoded => {
  if (encoding === 'utf-8') {
    if (text.isWellFormed()) return { bytes: Buffer.from(text, 'utf8'), lacking: none }
  } else {
    const bytes = iconv.encode(text, encoding)
    if (decode(bytes, encoding) === text) return { bytes, lacking: none }
  }
  const lacking = new Set<string>()
  const kept = Array.from(text, char => {
    if (writable(char, encoding)) return char
    lacking.add(char)
    return '?'
  }).join('')
  return { bytes: iconv.encode(kept, encoding), lacking: [...lacking] }
}

const writable = (char: string, encoding: Encoding): boolean =>
  char.isWellFormed() && (encoding === 'utf-8' || decode(iconv.encode(char, encoding), encoding) === char)
