import { isUtf8 } from 'node:buffer'
import iconv from 'iconv-lite'

/** A character reference that nobody resolved. */
const reference = /#x[0-9a-f]{2,5};/i
/** Undecoded EACC: three printable bytes for each hanzi, the first of which is `!` for the common ones. */
const eacc = /(?:![\x21-\x7e]{2}){2,}/
/** What Windows-1252 makes of the bytes 0x80-0xBF, but for the blanks, quotes, dashes and dots that follow real words. */
const rare =
  '\u0080-\u009f\u00a1-\u00aa\u00ac-\u00b6\u00b8-\u00ba\u00bc-\u00bf\u0192\u201e\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u017d\u2022\u02dc\u2122\u0161\u203a\u0153\u017e\u0178'
const any = `${rare}\u00a0\u00ab\u00b7\u00bb\u20ac\u201a\u2026\u2018\u2019\u201c\u201d\u2013\u2014`
/** UTF-8 that was once read as Windows-1252: `Ã©`, `Ì„`, `æ–‡`. */
const utf8AsWestern = new RegExp(
  `[\u00c2-\u00c5\u00cc-\u00d1\u00d7-\u00da][${rare}]|[\u00e3-\u00e9](?:[${rare}][${any}]|[${any}][${rare}])`,
)
/** GBK that was once read as Latin-1: `ÖÐ¹ú`. */
const gbkAsWestern = /[\u00a1-\u00ff]{4,}/
/** Hanzi that hardly occur but in UTF-8 read as GBK (`鐨勬`), and `锟斤拷`. */
const suspects = /[锟鐨鍥绗浗涔銆锛鈥氓搴鍜鏂鍚]/

/** Without any of these nothing below can match. */
const worthALook = /[!#\u00a1-\u00ff\ufffd锟鐨鍥绗浗涔銆锛鈥氓搴鍜鏂鍚]/

/** The sort of garbling in a text, or undefined when it reads like text. */
export const garbling = (text: string): string | undefined => {
  if (!worthALook.test(text)) return undefined
  if (text.includes('\ufffd')) return 'U+FFFD'
  if (reference.test(text)) return '&#x..;'
  if (eacc.test(text)) return 'EACC'
  if (gbkAsWestern.test(text)) return '→ Windows-1252'
  if (utf8AsWestern.test(text)) return '→ Windows-1252'
  if (suspects.test(text) && utf8InGbk(text)) return 'UTF-8 → GBK'
  return undefined
}

const utf8InGbk = (text: string): boolean => {
  if (text.includes('锟斤拷')) return true
  const bytes = iconv.encode(text, 'gb18030')
  // A cut-off last character leaves up to two bytes that are no UTF-8.
  return [0, 1, 2].some(cut => bytes.length > cut + 3 && isUtf8(bytes.subarray(0, bytes.length - cut)))
}

/** Undecoded EACC shows in a name by a single character: `黎!=~`; in a title that may be real punctuation. */
export const nameGarbling = (text: string): string | undefined =>
  text.includes('!') && /\p{Script=Han}![\x21-\x7e]{2}/u.test(text) ? 'EACC' : garbling(text)
