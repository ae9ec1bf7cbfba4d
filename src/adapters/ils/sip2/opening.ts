import { type Answer, no, yes } from '../../../kernel/problem.ts'
import { field, type Message } from './codec.ts'
import type { Exchange } from './connection.ts'
import type { Profile } from './profile.ts'
import type { Sip2Settings } from './settings.ts'
import { loginRefused } from './words.ts'

/** 93. */
export const loginMessage = ({ login }: Pick<Sip2Settings, 'login'>): Message => ({
  command: '93',
  fixed: { uidAlgorithm: '0', pwdAlgorithm: '0' },
  fields: [
    ['CN', login?.user ?? ''],
    ['CO', login?.password ?? ''],
    ...(login?.location === undefined ? [] : [['CP', login.location] as const]),
  ],
})

/** What 94 says. */
export const loggedIn = (exchange: Exchange): Answer<void> => {
  if (exchange.got === 'nothing') return no(exchange.problem)
  if (exchange.parsed.fixed.ok === '1') return yes(undefined)
  return no(loginRefused(exchange.masked(field(exchange.parsed, 'AF') ?? '')))
}

/** 99. */
export const scStatus = ({ version }: Pick<Profile, 'version'>): Message => ({
  command: '99',
  fixed: { status: '0', maxPrintWidth: '080', version },
  fields: [],
})
