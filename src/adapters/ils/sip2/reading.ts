import type { Clock, Millis } from '../../../kernel/clock.ts'
import { type Answer, no, yes } from '../../../kernel/problem.ts'
import type { IlsItem, PatronList } from '../ils.ts'
import { type PatronAnswer, readItem, readList, readPatron } from './answers.ts'
import type { Message, Parsed } from './codec.ts'
import type { Exchange } from './connection.ts'
import { anyAnswer } from './exchange.ts'
import { withMaskedWords } from './masking.ts'
import { messages } from './messages.ts'
import type { Pool } from './pool.ts'
import type { Profile } from './profile.ts'
import type { Priority } from './queue.ts'
import { itemInformation, patronInformation, patronStatusRequest, type Scope } from './requests.ts'
import type { Sip2Settings } from './settings.ts'

type Told = Extract<Exchange, { got: 'answer' }>

/** When a request must be answered, and before whom it goes. */
export interface How {
  readonly deadline: Millis
  readonly priority: Priority
  /** Only a connection opened from now on will do. */
  readonly fresh?: boolean
}

export interface PatronAsked {
  readonly card: string
  readonly pin?: string | undefined
  readonly list?: PatronList | undefined
}

/** The questions that change nothing, and the one way to send anything. */
export interface Desk {
  send(
    command: string,
    message: (scope: Scope) => Message,
    how: How & { readonly resend: boolean },
  ): Promise<Exchange>
  /** 63, all pages of the list joined; `whole` when it is known that nothing is missing. */
  patron(asked: PatronAsked, how: How): Promise<Answer<PatronAnswer & { readonly whole: boolean }>>
  /** 23, for library systems that do not serve 63. */
  patronStatus(asked: PatronAsked, how: How): Promise<Answer<PatronAnswer>>
  item(barcode: string, how: How): Promise<Answer<IlsItem>>
}

export const createDesk = (
  pool: Pool,
  settings: Sip2Settings,
  profile: Profile,
  clock: Pick<Clock, 'now'>,
): Desk => {
  const send: Desk['send'] = (command, message, how) =>
    pool.exchange({
      ...how,
      command,
      message: institution => message({ settings, profile, institution, now: clock.now() }),
      expect: messages.get(command)?.answers[0] ?? anyAnswer,
    })

  /** Questions may be repeated: once more on a new connection when the first one broke. */
  const ask = async (
    command: string,
    message: (scope: Scope) => Message,
    how: How,
  ): Promise<Answer<Told>> => {
    const first = await send(command, message, { ...how, resend: true })
    const broken = first.got === 'nothing' && first.maybe && first.problem.code === 'ils-connection-lost'
    const exchange = broken ? await send(command, message, { ...how, resend: true, fresh: true }) : first
    return exchange.got === 'answer' ? yes(exchange) : no(exchange.problem)
  }

  const page = async (asked: PatronAsked, range: Page | undefined, how: How): Promise<Answer<Parsed>> => {
    const answer = await ask('63', scope => patronInformation(scope, { ...asked, page: range }), how)
    return answer.ok ? yes(answer.value.parsed) : answer
  }

  return {
    send,
    patron: async (asked, how) => {
      const { list } = asked
      if (list === undefined) {
        const answer = await page(asked, undefined, how)
        return answer.ok ? yes({ ...readPatron(answer.value, profile, asked), whole: true }) : answer
      }
      let first: Parsed | undefined
      const joined = await joinPages(profile.pageSize, async range => {
        const answer = await page(asked, range, how)
        if (!answer.ok) return answer
        first ??= answer.value
        return yes(readList(answer.value, profile, list))
      })
      if (!joined.ok) return joined
      const { items, whole } = joined.value
      return yes({ ...readPatron(first!, profile, { ...asked, items }), whole })
    },
    patronStatus: async (asked, how) => {
      const answer = await ask('23', scope => patronStatusRequest(scope, asked.card, asked.pin), how)
      return answer.ok ? yes(readPatron(answer.value.parsed, profile, asked)) : answer
    },
    item: async (barcode, how) => {
      const answer = await ask('17', scope => itemInformation(scope, barcode), how)
      if (!answer.ok) return answer
      const { parsed, masked } = answer.value
      return withMaskedWords(readItem(parsed, profile, barcode), masked)
    },
  }
}

/** Counts from 1 and includes both ends. */
export interface Page {
  readonly from: number
  readonly to: number
}

const mostPages = 100

/**
 * Joins the pages of a list; a library system that pays no heed to pages, or never ends, is found out. `whole`
 * when as many items came as it says there are. A page size of 0 asks once, without pages.
 */
export const joinPages = async (
  size: number,
  fetch: (page: Page | undefined) => Promise<Answer<{ items: string[]; total: number | undefined }>>,
): Promise<Answer<{ items: string[]; whole: boolean }>> => {
  const items: string[] = []
  for (let number = 0; number < mostPages; number++) {
    const from = number * size + 1
    const page = await fetch(size === 0 ? undefined : { from, to: from + size - 1 })
    if (!page.ok) return page
    const { items: more, total } = page.value
    const repeats = more.every(item => items.includes(item))
    if (!repeats || number === 0) items.push(...more)
    const whole = total !== undefined && items.length >= total
    if (repeats || whole || size === 0 || more.length > size) return yes({ items, whole })
  }
  return yes({ items, whole: false })
}
