import { createSign, createVerify } from 'node:crypto'
import iconv from 'iconv-lite'

/** Common and business parameters of one call, decoded. */
export type Params = Readonly<Record<string, string>>

const algorithm = 'RSA-SHA256'
const node = (encoding: string): boolean => Buffer.isEncoding(encoding)

const encode = (text: string, charset: string): Buffer =>
  node(charset) ? Buffer.from(text, charset as BufferEncoding) : iconv.encode(text, charset)

/**
 * What a request's signature covers: all parameters but `sign`, sorted by name in ASCII order, raw values.
 * Java and PHP leave empty values out and Node does not: we never send any, a receiver tries both.
 */
export const signingString = (params: Params, leaveOut: readonly string[] = ['sign'], dropEmpty = false) =>
  Object.keys(params)
    .filter(name => !leaveOut.includes(name) && !(dropEmpty && params[name] === ''))
    .sort()
    .map(name => `${name}=${params[name]}`)
    .join('&')

/** RSA2: SHA256withRSA over the text in its charset, Base64. */
export const sign = (text: string, privateKey: string, charset = 'utf-8'): string =>
  createSign(algorithm).update(encode(text, charset)).sign(privateKey, 'base64')

/** False for any fault of key or signature; throws nothing. */
export const verify = (text: string, signature: string, publicKey: string, charset = 'utf-8'): boolean => {
  try {
    return createVerify(algorithm).update(encode(text, charset)).verify(publicKey, signature, 'base64')
  } catch {
    return false
  }
}

/** Which of the two rules of asynchronous notifications a form satisfies; undefined when neither. */
export const verifyNotification = (params: Params, publicKey: string): 'V1' | 'V2' | undefined => {
  const { sign: signature = '', charset = 'utf-8', sign_type: type } = params
  if (type !== 'RSA2') return undefined
  if (verify(signingString(params, ['sign', 'sign_type']), signature, publicKey, charset)) return 'V1'
  return verify(signingString(params, ['sign']), signature, publicKey, charset) ? 'V2' : undefined
}

export interface CutReply {
  readonly node: string
  /** The characters of the node's value as they came: what the signature covers. */
  readonly raw: string
  readonly signature: string | undefined
}

/** Finds the answer's node (the method's own, or `error_response`) without parsing and writing it again. */
export const cutReply = (body: string, method: string): CutReply | undefined => {
  const members = topLevel(body)
  if (!members) return undefined
  const own = `${method.replaceAll('.', '_')}_response`
  const name = members.has(own) ? own : 'error_response'
  const raw = members.get(name)
  if (raw === undefined) return undefined
  const signature = members.get('sign')
  return { node: name, raw, signature: signature === undefined ? undefined : unquote(signature) }
}

/** The raw text of each value of a JSON object; undefined when it is none. */
const topLevel = (body: string): Map<string, string> | undefined => {
  const members = new Map<string, string>()
  let at = skip(body, 0)
  if (body[at] !== '{') return undefined
  at = skip(body, at + 1)
  while (body[at] === '"') {
    const nameEnd = endOfString(body, at)
    const name = unquote(body.slice(at, nameEnd))
    const colon = skip(body, nameEnd)
    if (name === undefined || body[colon] !== ':') return undefined
    const start = skip(body, colon + 1)
    const end = endOfValue(body, start)
    if (end === undefined || members.has(name)) return undefined
    members.set(name, body.slice(start, end).trimEnd())
    if (body[end] === '}') return members
    at = skip(body, end + 1)
  }
  return undefined
}

const skip = (text: string, from: number): number => {
  let at = from
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at++
  return at
}

const endOfString = (text: string, open: number): number => {
  for (let at = open + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '"') return at + 1
  }
  return text.length
}

/** Where the `,` or `}` after a value stands. */
const endOfValue = (text: string, from: number): number | undefined => {
  let depth = 0
  for (let at = from; at < text.length; at++) {
    const char = text[at]
    if (char === '"') at = endOfString(text, at) - 1
    else if (depth === 0 && (char === ',' || char === '}')) return at
    else if (char === '{' || char === '[') depth++
    else if (char === '}' || char === ']') depth--
  }
  return undefined
}

const unquote = (text: string): string | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}
