import { createHash } from 'node:crypto'

/** `java.net.URLEncoder` in UTF-8: space is `+`, letters, digits and `. - * _` stay, all else is `%XX`. */
export const javaUrlEncode = (text: string): string =>
  encodeURIComponent(text)
    .replace(/[!~'()]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')

/** `msgDigest`: Base64 of the raw MD5 of the encoded text. */
export const digest = (msgData: string, timestamp: string, checkWord: string): string =>
  createHash('md5')
    .update(javaUrlEncode(msgData + timestamp + checkWord), 'utf8')
    .digest('base64')

/**
 * JSON in which the characters that URL encoders of different languages treat differently (`* ~ ! ' ( )`) are
 * written as `\uXXXX`: whichever of them the other side uses, the digest is the same.
 */
export const safeJson = (value: unknown): string =>
  JSON.stringify(value).replace(/[*~!'()]/g, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
