import { expect, it } from 'vitest'
import { plainSpeech } from '../../../src/gateway/sip2-server/accounts.ts'
import { Session } from '../../../src/gateway/sip2-server/session.ts'
import { anAccount } from './site.ts'

const taken = (session: Session, line: string) => session.take(Buffer.from(line), 0, '').do

it('a machine that writes sums is asked again for a message whose sum was damaged away', () => {
  const session = new Session(plainSpeech)
  session.loggedIn(anAccount())
  const item = '1720261122    093000AOL|ABB1|'
  expect(taken(session, item)).toBe('serve')
  expect(taken(session, '9900802.00AY1AZFCA0')).toBe('serve')
  expect(session.take(Buffer.from(`${item}AY2A?F71C`), 0, '')).toMatchObject({
    do: 'send',
    why: 'wrong-checksum',
  })
  expect(session.take(Buffer.from(item), 0, '')).toMatchObject({ do: 'send', why: 'wrong-checksum' })
  expect(session.take(Buffer.from('97'), 0, '')).toMatchObject({ do: 'send', why: 'asked-again' })
})
