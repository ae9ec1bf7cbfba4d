import type { Field } from '../../adapters/ils/sip2/codec.ts'
import type { Millis } from '../../kernel/clock.ts'
import {
  type Case,
  endOfDay,
  frozenReply,
  happened,
  isFrozen,
  notedWords,
  type Settled,
  stands,
  sure,
  theirs,
  troubled,
  withoutSystem,
} from './case.ts'
import type { OurLine, OurReader, Reply } from './ports.ts'
import { dateOf, dueText, get, happenedAt, isYes, replyTo, saying, valueIn } from './replies.ts'
import { words } from './words.ts'

/** From here on the very copy is set aside for its reader. */
const setAside: readonly OurLine['status'][] = [
  'found',
  'charged',
  'packed',
  'shipped',
  'in_locker',
  'at_branch',
  'expired',
]
/** Asked for, but nobody has the copy in hand. */
const onlyAsked: readonly OurLine['status'][] = [
  'requested',
  'confirmed',
  'picking',
  'seeking',
  'checkout_refused',
]

/** 11: a loan, or somebody picks up what is lent already. */
export const checkout = async (c: Case): Promise<Settled> => {
  const { ask, ours } = c
  const { libraryId } = ask.account
  const barcode = get(ask, 'AB')
  const reader = await ours.reader(libraryId, get(ask, 'AA'))
  const line = await ours.line(libraryId, barcode)
  const mine = line !== undefined && reader !== undefined && isOf(line, reader)
  if (get(ask, 'BI') === 'Y') return line ? notUndone(c) : theirs(c)
  // It should lie behind a door: how it came to be in a hand, staff must find out.
  if (mine && line.status === 'in_locker') return sure(saying(ask, replyTo(ask), words.handOver))
  if (mine && setAside.includes(line.status) && line.charged && !line.unsettled) return pickUp(c, line)
  const physical = ask.request.fixed.noBlock === 'Y' && ask.account.offline.checkouts
  if (isFrozen(c, reader) && ask.request.fixed.noBlock !== 'Y') return frozenReply(c, reader.frozenUntil)
  if (line && !mine && setAside.includes(line.status) && !physical) {
    c.note('held-for-other')
    return sure(saying(ask, replyTo(ask), words.heldForOther))
  }
  if (mine && line.status === 'found' && line.unsettled)
    return sure(saying(ask, replyTo(ask), words.beingPrepared))
  if (mine && setAside.includes(line.status) && (physical || withoutSystem(c))) return handOver(c, line)
  if (physical || withoutSystem(c) || (await ours.waits(libraryId, barcode))) return physically(c, physical)
  const told = await theirs(c)
  if (isYes(told.reply) && reader) await lent(c, told.reply, reader, line)
  return told
}

const isOf = (line: OurLine, reader: OurReader): boolean =>
  reader.lines.some(one => one.lineId === line.lineId)

const notUndone = (c: Case): Settled => sure(saying(c.ask, replyTo(c.ask), words.undo))

/** It is charged since it was packed: nothing is lent again, the reader has it now. */
const pickUp = async (c: Case, line: OurLine): Promise<Settled> => {
  const pin = get(c.ask, 'AD')
  if (pin !== '' && !withoutSystem(c)) {
    const { pins } = c.ours
    const { libraryId } = c.ask.account
    const card = get(c.ask, 'AA')
    if (await pins.locked(libraryId, card)) return sure(saying(c.ask, replyTo(c.ask), words.pinLocked))
    const asked = await c.back.ils.patron({ card, pin, priority: 'person' })
    if (!asked.ok) return troubled(c, asked.problem)
    const { valid, pinValid } = asked.value
    if (valid && pinValid === true) await pins.right(libraryId, card)
    if (valid && pinValid === false) await pins.wrong(libraryId, card)
    if (pinValid === false) return sure(saying(c.ask, replyTo(c.ask), words.wrongPin))
  }
  const { at } = happenedAt(c.ask)
  const told = await c.ours.tell(c.ask.account, line, collected(c), at)
  return sure(told ? saying(c.ask, loanOf(c, line, line.dueAt), words.collected) : notNow(c))
}

const collected = (c: Case) => ({ what: 'collected', data: { branchId: stands(c).branchId } }) as const
const notNow = (c: Case): Reply => saying(c.ask, replyTo(c.ask), words.handOver)

const loanOf = (c: Case, { title }: Pick<OurLine, 'title'>, dueAt: Millis | null): Reply => {
  const due = dueAt ?? undefined
  const fields: Field[] = [
    ['AJ', title],
    ['AH', dueText(c.ask, due, '')],
  ]
  const reply = replyTo(c.ask, { ok: '1', renewalOk: 'N', desensitize: 'Y' }, fields)
  return due === undefined ? reply : { ...reply, dueAt: due }
}

/** Our line is handed over while the library system is away: the order's own act charges it later, at its time. */
const handOver = async (c: Case, line: OurLine): Promise<Settled> => {
  if (!c.ask.account.offline.checkouts) return away(c)
  const { at } = happenedAt(c.ask)
  const told = await c.ours.tell(c.ask.account, line, collected(c), at)
  if (!told) return sure(notNow(c))
  const dueAt = line.dueAt ?? endOfDay(at, c.ask.account.offline.loanDays, c.ask.zone)
  return sure(saying(c.ask, loanOf(c, line, dueAt), notedWords(c.ask.account)))
}

const away = (c: Case): Settled => {
  c.note('ils-away')
  return sure(saying(c.ask, replyTo(c.ask), c.ask.account.byHand ? words.notOffered : words.away))
}

/** Somebody has the book in hand: it is written down and told the library system when it is there. */
const physically = async (c: Case, already: boolean): Promise<Settled> => {
  const { ask, ours } = c
  const { offline, libraryId } = ask.account
  if (!offline.checkouts) return already ? theirs(c) : away(c)
  const { at } = happenedAt(ask)
  const promised = dateOf(ask.request.fixed.nbDueDate ?? '', ask.zone)
  const dueAt = promised ?? endOfDay(at, offline.loanDays, ask.zone)
  const barcode = get(ask, 'AB')
  await happened(c, { act: 'checkout', barcode, card: get(ask, 'AA'), at, dueAt })
  const title = (await ours.titles(libraryId, [barcode])).get(barcode) ?? ''
  return sure(saying(ask, loanOf(c, { title }, dueAt), notedWords(ask.account)))
}

/** The library system has lent it: what that means for the reader's own orders. */
const lent = async (c: Case, reply: Reply, reader: OurReader, line: OurLine | undefined): Promise<void> => {
  const { ask, ours } = c
  const { account } = ask
  const { at } = happenedAt(ask)
  const charged = reply.dueAt === undefined ? {} : { dueAt: reply.dueAt }
  if (line && isOf(line, reader)) {
    if (setAside.includes(line.status)) {
      const fact = { what: 'collected', data: { branchId: stands(c).branchId, charged } } as const
      await ours.tell(account, line, fact, at)
      return
    }
    if (line.charged && reply.fixed.renewalOk === 'Y') {
      await ours.tell(account, line, renewedBy(reply), at)
      return
    }
  }
  const recordId = line?.recordId ?? (await ours.recordOf(account.libraryId, get(ask, 'AB')))
  const wanted = reader.lines.find(one => onlyAsked.includes(one.status) && one.recordId === recordId)
  const gone = { what: 'cancel-requested', data: { by: 'reader', reason: '已在自助机借走' } } as const
  if (wanted) await ours.tell(account, wanted, gone, at)
}

const renewedBy = (reply: Reply) =>
  ({
    what: 'renewed',
    data: {
      dueText: valueIn(reply, 'AH').slice(0, 80),
      ...(reply.dueAt === undefined ? {} : { dueAt: reply.dueAt }),
    },
  }) as const

/** 29: the library system decides; our line learns its new date. */
export const renew = async (c: Case): Promise<Settled> => {
  const { ask, ours } = c
  const { libraryId } = ask.account
  const reader = await ours.reader(libraryId, get(ask, 'AA'))
  if (isFrozen(c, reader) && ask.request.fixed.noBlock !== 'Y') return frozenReply(c, reader.frozenUntil)
  if (withoutSystem(c)) return away(c)
  const told = await theirs(c)
  if (!isYes(told.reply)) return told
  const barcode = get(ask, 'AB') || valueIn(told.reply, 'AB')
  const line = reader?.lines.find(one => one.barcode === barcode && one.charged)
  if (line) await ours.tell(ask.account, line, renewedBy(told.reply), happenedAt(ask).at)
  return told
}

/** 65. */
export const renewAll = async (c: Case): Promise<Settled> => {
  const { ask, ours, back } = c
  const reader = await ours.reader(ask.account.libraryId, get(ask, 'AA'))
  if (isFrozen(c, reader)) return frozenReply(c, reader.frozenUntil)
  if (withoutSystem(c)) return away(c)
  const told = await theirs(c)
  const renewed = told.reply.fields.filter(([id]) => id === 'BM').map(([, value]) => value.trim())
  for (const line of reader?.lines ?? []) {
    if (!line.charged || line.barcode === null || !renewed.includes(line.barcode)) continue
    const item = await back.ils.item(line.barcode)
    const dueAt = item.ok ? item.value.dueAt : undefined
    const data = { dueText: '', ...(dueAt === undefined ? {} : { dueAt }) }
    await ours.tell(ask.account, line, { what: 'renewed', data }, happenedAt(ask).at)
  }
  return told
}

/** 15: a frozen reader may take a wish back, but make none. A wish that is an order of ours ends as such. */
export const hold = async (c: Case): Promise<Settled> => {
  const { ask, ours } = c
  const { libraryId } = ask.account
  const reader = await ours.reader(libraryId, get(ask, 'AA'))
  const { mode } = ask.request.fixed
  if (mode !== '-' && isFrozen(c, reader)) return frozenReply(c, reader.frozenUntil)
  const own = mode === '-' && reader ? meant(c, reader) : undefined
  if (own) {
    const fact = { what: 'cancel-requested', data: { by: 'reader', reason: '在自助机取消' } } as const
    const done = await ours.tell(ask.account, own, fact, happenedAt(ask).at)
    const reply = replyTo(ask, { ok: done ? '1' : '0' }, [['AJ', own.title]])
    return sure(saying(ask, reply, done ? words.cancelled : words.tooLate))
  }
  return withoutSystem(c) ? away(c) : theirs(c)
}

const meant = (c: Case, reader: OurReader): OurLine | undefined => {
  const [barcode, title] = [get(c.ask, 'AB'), get(c.ask, 'AJ')]
  return reader.lines.find(
    line =>
      (onlyAsked.includes(line.status) || setAside.includes(line.status)) &&
      ((barcode !== '' && line.barcode === barcode) || (title !== '' && line.title === title)),
  )
}
