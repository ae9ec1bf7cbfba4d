/** Masks for what people may see of others, and what logs may hold. Nothing unmasked enters a log. */

/** 李小明 -> 李**, `O'Brien` -> `O**`. */
export const maskName = (name: string): string => {
  const [first] = name.trim()
  return first === undefined ? '' : `${first}**`
}

/** Keeps the last four characters: card numbers, phones, ID numbers. */
export const maskTail = (text: string): string =>
  text.length <= 4 ? '*'.repeat(text.length) : `${'*'.repeat(Math.min(8, text.length - 4))}${text.slice(-4)}`

/** For secrets: only that there was one. */
export const maskSecret = (text: string): string => (text === '' ? '' : '***')
