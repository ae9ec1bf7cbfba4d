import type { Parsed } from '../../src/adapters/ils/sip2/codec.ts'
import type { Profile } from '../../src/adapters/ils/sip2/dialects.ts'

/** Said once more, apart from the reader: a PIN is right only when one was sent and both BL and CQ say Y first. */
export const isPatronAnswerUsable = (
  { fields }: Parsed,
  { checksPin }: Profile,
  pin: string,
  said: boolean | null,
): boolean => {
  if (said !== true) return true
  const first = (id: string): string | undefined => fields.find(([name]) => name === id)?.[1]
  return pin !== '' && checksPin && first('BL') === 'Y' && first('CQ') === 'Y'
}
