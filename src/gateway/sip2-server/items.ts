import { itemReply } from './back.ts'
import { type Case, type Settled, sure, theirs, withoutSystem } from './case.ts'
import type { OurLine, Reply } from './ports.ts'
import { get, replyTo, saying, utcDate, valueIn, withFields } from './replies.ts'
import { words } from './words.ts'

const waiting: readonly OurLine['status'][] = ['at_branch', 'in_locker', 'expired']
const moving: readonly OurLine['status'][] = [
  'charged',
  'packed',
  'shipped',
  'recovered',
  'return_shipped',
  'return_in_locker',
  'return_at_branch',
  'received',
  'discharged',
]

/** 17: what the library system knows of an item, and where we know it to be. */
export const item = async (c: Case): Promise<Settled> => {
  const { ask, ours } = c
  const { libraryId } = ask.account
  const barcode = get(ask, 'AB')
  const line = await ours.line(libraryId, barcode)
  const owner = line ? line.supplierId : await ours.otherOwner(libraryId, barcode)
  if (owner !== undefined && owner !== libraryId) return neighbours(c, owner, line)
  const asked = c.back.away() ? undefined : await theirs(c)
  if (!line) return asked ?? fromCatalogue(c)
  const base = asked && valueIn(asked.reply, 'AJ') !== '' ? asked.reply : known(c, line)
  return sure(whereItIs(c, base, line))
}

const known = (c: Case, line: OurLine): Reply =>
  replyTo(c.ask, { circulationStatus: line.charged ? '04' : '01' }, [['AJ', line.title]])

const whereItIs = (c: Case, reply: Reply, line: OurLine): Reply => {
  const place = line.deskId === null ? undefined : c.ours.place(line.deskId)
  if (waiting.includes(line.status))
    return withFields(status(reply, '08'), {
      ...(line.collectUntil === null ? {} : { CM: utcDate(line.collectUntil) }),
      ...(place ? { AP: place.code } : {}),
    })
  return moving.includes(line.status) ? status(reply, '10') : reply
}

const status = (reply: Reply, circulationStatus: string): Reply => ({
  ...reply,
  fixed: { ...reply.fixed, circulationStatus },
})

const neighbours = async (c: Case, owner: string, line: OurLine | undefined): Promise<Settled> => {
  const { ils, byHand } = c.systemOf(owner)
  const answer = byHand || ils.health().state === 'down' ? undefined : await ils.item(get(c.ask, 'AB'))
  const base = answer?.ok ? itemReply(c.ask, answer.value) : line ? known(c, line) : replyTo(c.ask)
  return sure(line ? whereItIs(c, base, line) : base)
}

const fromCatalogue = async (c: Case): Promise<Settled> => {
  const barcode = get(c.ask, 'AB')
  const title = (await c.ours.titles(c.ask.account.libraryId, [barcode])).get(barcode)
  c.note('ils-away')
  return sure(saying(c.ask, replyTo(c.ask, {}, title ? [['AJ', title]] : []), words.away))
}

/** 35: nothing of ours ends with it; the library system is told where it wants to know. */
export const endSession = async (c: Case): Promise<Settled> => {
  if (withoutSystem(c)) return sure(replyTo(c.ask, { endSession: 'Y' }))
  const told = await theirs(c)
  return told.reply.command === '36' && told.reply.fixed.endSession === 'Y'
    ? told
    : sure(replyTo(c.ask, { endSession: 'Y' }))
}

/** 19, 37: passed on as they are. */
export const through = (c: Case): Promise<Settled> => theirs(c)
