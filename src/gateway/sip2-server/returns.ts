import type { CheckinReceipt } from '../../adapters/ils/ils.ts'
import { type Answer, no, unreachable, yes } from '../../kernel/problem.ts'
import type { Fact } from '../orders/implied.ts'
import { alertCodes } from './back.ts'
import {
  type Case,
  handedInAt,
  happened,
  isOlder,
  notedWords,
  type Settled,
  sure,
  theirs,
  troubled,
  withoutSystem,
} from './case.ts'
import type { OurLine, Place, Reply } from './ports.ts'
import { get, isYes, replyTo, returnedAt, saying, valueIn, withFields } from './replies.ts'
import { sendTo, words } from './words.ts'

type Status = OurLine['status']
const withReader: readonly Status[] = [
  'delivered',
  'collected',
  'on_loan',
  'return_requested',
  'return_shipped',
  'return_in_locker',
  'return_at_branch',
  'missing',
]
const onTheWay: readonly Status[] = ['found', 'charged', 'packed', 'shipped']
const onlyAsked: readonly Status[] = ['requested', 'confirmed', 'picking', 'checkout_refused']

/** 09: a return, an arrival at the place where somebody waits for it, or a book on its way. */
export const checkin = async (c: Case): Promise<Settled> => {
  const { ask, ours } = c
  const { libraryId } = ask.account
  const line = await ours.line(libraryId, get(ask, 'AB'))
  if (get(ask, 'BI') === 'Y')
    return line && withReader.includes(line.status)
      ? sure(saying(ask, replyTo(ask), words.undo))
      : await plainReturn(c, undefined)
  if (!line || isOlder(ask, line)) return plainReturn(c, undefined)
  if (withReader.includes(line.status)) return handedIn(c, line)
  if (onTheWay.includes(line.status)) return arrived(c, line)
  switch (line.status) {
    case 'at_branch':
      return sure(await holderTold(c, line, waitsFor(c, line, ours.place(line.deskId ?? line.branchId))))
    case 'expired':
      return takenOut(c, line)
    case 'discharged':
      return sentOn(c, line)
    case 'in_locker':
    case 'transferring':
    case 'cancelling':
      return sure(toStaff(c, line, words.handOver))
    default:
      return plainReturn(c, onlyAsked.includes(line.status) ? line : undefined)
  }
}

/** Everything that a return tells about where the item goes now. */
interface Going {
  readonly alert: boolean
  /** CV. */
  readonly why?: string | undefined
  readonly to?: Place | undefined
  /** CT as the library system wrote it, where that is no place of ours. */
  readonly code?: string | undefined
}

const stays: Going = { alert: false }

const replied = (c: Case, line: Pick<OurLine, 'title'> | undefined, going: Going, base?: Reply): Reply => {
  const reply = base ?? replyTo(c.ask, { ok: '1', resensitize: 'Y' }, [['AQ', '']])
  return withFields(
    { ...reply, fixed: { ...reply.fixed, alert: going.alert ? 'Y' : 'N' } },
    {
      ...(line && valueIn(reply, 'AJ') === '' ? { AJ: line.title } : {}),
      ...(going.alert || going.to || going.code ? { CV: going.why, CT: going.to?.code ?? going.code } : {}),
      ...binOf(c, going, valueIn(reply, 'CL')),
    },
  )
}

/** The account's bin for a destination; the library system's own where the account names none. */
const binOf = (c: Case, going: Going, theirs: string): Record<string, string> => {
  const { bins } = c.ask.account
  const why = going.why
  const general = !going.alert ? 'here' : why === '01' ? 'hold' : why === '99' ? 'staff' : 'elsewhere'
  const names = [going.to?.code, going.to?.branchId, going.code, going.to?.libraryId, general]
  const name = names.find(one => one !== undefined && bins[one] !== undefined)
  const bin = name === undefined ? theirs : bins[name]!
  return bin === '' ? {} : { CL: bin }
}

const isBinned = (c: Case, going: Going): boolean => valueIn(replied(c, undefined, going), 'CL') !== ''

/** What the library system says about where it goes. */
const theirGoing = (c: Case, reply: Reply): Going => {
  const code = valueIn(reply, 'CT')
  const to = code === '' ? undefined : c.ours.placeOf(c.ask.account.libraryId, code)
  return {
    alert: reply.fixed.alert === 'Y',
    ...(valueIn(reply, 'CV') === '' ? {} : { why: valueIn(reply, 'CV') }),
    ...(to ? { to } : code === '' ? {} : { code }),
  }
}

/** A neighbour's book goes home, whatever anybody else says. */
const homeOf = (c: Case, line: OurLine): Going => {
  const to = c.ours.place(line.branchId)
  return { alert: true, why: '04', to }
}

/** The reader has brought it back. */
const handedIn = async (c: Case, line: OurLine): Promise<Settled> => {
  const { ask, ours } = c
  const here = handedInAt(c)
  const at = returnedAt(ask)
  const received = (checkedIn?: { alert: boolean; alertType?: string; destination?: string }): Fact => ({
    what: 'received',
    data: { branchId: here.branchId, ...(checkedIn ? { checkedIn } : {}) },
  })
  const foreign = line.supplierId !== ask.account.libraryId
  const later =
    foreign || line.unsettled || !line.charged || ask.request.fixed.noBlock === 'Y' || withoutSystem(c)
  if (later) {
    if (withoutSystem(c) && !foreign && !ask.account.offline.checkins) return refusedAway(c)
    const told = await ours.tell(ask.account, line, received(), at)
    if (!told) return sure(toStaff(c, line, words.handOver))
    const going = foreign ? homeOf(c, line) : elsewhere(c, line, here)
    const reply = replied(c, line, going)
    return sure(saying(ask, reply, ...sentence(going), ...(foreign ? [] : noteOf(c))))
  }
  const answer = await theirs(c)
  if (!isYes(answer.reply)) {
    if (await isBack(c, line)) await ours.tell(ask.account, line, received({ alert: false }), at)
    return answer.unsure || c.back.away() ? physicallyBack(c, line, answer) : answer
  }
  const going = theirGoing(c, answer.reply)
  const reply = replied(c, line, going, answer.reply)
  // Where the machine itself has put it into the right bin, nobody need be reminded to send it on.
  const open = going.alert && !isBinned(c, going)
  await ours.tell(
    ask.account,
    line,
    received({
      alert: open,
      ...(open && going.why ? { alertType: typeOf(going.why) } : {}),
      ...(open && going.to ? { destination: going.to.code } : {}),
    }),
    at,
  )
  return sure(saying(ask, reply, ...sentence(going)))
}

const noteOf = (c: Case) => (withoutSystem(c) ? [notedWords(c.ask.account)] : [])
const sentence = ({ alert, why, to }: Going) => (alert && to && why !== '01' ? [sendTo(to.name)] : [])
const typeOf = (code: string): string =>
  (Object.entries(alertCodes).find(([, one]) => one === code)?.[0] ?? 'other') as string

/** A book of this library that was handed in away from its branch. */
const elsewhere = (c: Case, line: OurLine, here: Place): Going =>
  here.branchId === line.branchId ? stays : { alert: true, why: '04', to: c.ours.place(line.branchId) }

/** The return was refused: perhaps because the library system knows of it already. */
const isBack = async (c: Case, line: OurLine): Promise<boolean> => {
  const item = line.barcode === null ? undefined : await c.back.ils.item(line.barcode)
  if (!item?.ok) return false
  return ['available', 'on-hold-shelf', 'waiting-to-be-reshelved', 'in-transit'].includes(item.value.status)
}

const refusedAway = (c: Case): Settled => {
  c.note('ils-away')
  return sure(saying(c.ask, replyTo(c.ask), c.ask.account.byHand ? words.notOffered : words.away))
}

/** The answer was lost and the book lies in the box: the order's own act settles it. */
const physicallyBack = async (c: Case, line: OurLine, answer: Settled): Promise<Settled> => {
  const { account } = c.ask
  if (!account.offline.checkins) return answer
  const here = handedInAt(c)
  const fact: Fact = { what: 'received', data: { branchId: here.branchId } }
  const told = await c.ours.tell(account, line, fact, returnedAt(c.ask))
  return told ? sure(saying(c.ask, replied(c, line, elsewhere(c, line, here)), notedWords(account))) : answer
}

/** A packed book at a machine: it has come to the place where its reader fetches it, or must be sent there. */
const arrived = async (c: Case, line: OurLine): Promise<Settled> => {
  const { ask, ours } = c
  if (line.delivery.way !== 'branch') return sure(toStaff(c, line, words.handOver))
  const here = handedInAt(c)
  const target = ours.place(line.delivery.branchId)
  if (here.branchId !== target.branchId) return sure(waitsFor(c, line, target))
  if (line.held && !line.charged && !withoutSystem(c) && line.supplierId === ask.account.libraryId) {
    const answer = await theirs(c)
    if (!isYes(answer.reply)) return answer
  }
  const told = await ours.tell(
    ask.account,
    line,
    { what: 'at-branch', data: { branchId: here.branchId } },
    ask.now,
  )
  if (!told) return sure(toStaff(c, line, words.handOver))
  return sure(await holderTold(c, line, waitsFor(c, line, target)))
}

/** It belongs to somebody who waits at `target`; read once more where it lies, nothing happens. */
const waitsFor = (c: Case, line: OurLine, target: Place): Reply => {
  const here = handedInAt(c).branchId === target.branchId
  const going: Going = { alert: true, why: here ? '01' : '02', to: target }
  return saying(c.ask, replied(c, line, going), here ? words.holdHere : sendTo(target.name))
}

/** CY and DA: whose it is, for a cabinet that keeps it by reader. */
const holderTold = async (c: Case, line: OurLine, reply: Reply): Promise<Reply> => {
  if (!c.ask.account.tellsHolder || line.libraryId !== c.ask.account.libraryId) return reply
  const holder = await c.ours.readerById(line.libraryId, line.patronId)
  return holder ? withFields(reply, { CY: holder.card(), DA: holder.name() }) : reply
}

const toStaff = (c: Case, line: OurLine, say: (typeof words)[keyof typeof words]): Reply =>
  saying(c.ask, replied(c, line, { alert: true, why: '99' }), say)

/** Nobody came for it in time. A cabinet that reads all it holds once more must not discharge it by that. */
const takenOut = async (c: Case, line: OurLine): Promise<Settled> => {
  const { ask, ours } = c
  const here = handedInAt(c)
  if (ask.account.use === 'cabinet' && here.branchId === line.deskId)
    return sure(toStaff(c, line, words.notCollected))
  const foreign = line.supplierId !== ask.account.libraryId
  const live = line.charged && !line.unsettled && !foreign && !withoutSystem(c)
  const answer = live ? await theirs(c) : undefined
  if (answer && !isYes(answer.reply)) return answer
  const going = answer ? theirGoing(c, answer.reply) : foreign ? homeOf(c, line) : elsewhere(c, line, here)
  const open = going.alert && !isBinned(c, going)
  const checkedIn = {
    alert: open,
    ...(open && going.why ? { alertType: typeOf(going.why) } : {}),
    ...(open && going.to ? { destination: going.to.code } : {}),
  }
  const fact: Fact = { what: 'recovered', data: answer ? { checkedIn } : {} }
  const told = await ours.tell(ask.account, line, fact, ask.now)
  if (!told) return sure(toStaff(c, line, words.handOver))
  return sure(saying(ask, replied(c, line, going, answer?.reply), ...sentence(going)))
}

/** A book that had to be sent on: this reading is its arrival, or one more on the way. */
const sentOn = async (c: Case, line: OurLine): Promise<Settled> => {
  const { ask, ours } = c
  if (line.supplierId !== ask.account.libraryId) return sure(replied(c, line, homeOf(c, line)))
  const answer = withoutSystem(c) ? undefined : await theirs(c)
  if (answer && !isYes(answer.reply)) return answer
  // Nobody may have noted that it arrived, and it may have been lent since without us.
  if (c.back.away() && !ask.account.byHand) {
    if (!ask.account.offline.checkins) return refusedAway(c)
    await happened(c, returnOf(c))
  }
  const going = answer ? theirGoing(c, answer.reply) : elsewhere(c, line, handedInAt(c))
  if (!going.alert || going.why === '01' || isBinned(c, going))
    await ours.tell(ask.account, line, { what: 'routed', data: {} }, ask.now)
  return sure(saying(ask, replied(c, line, going, answer?.reply), ...sentence(going)))
}

/** No loan of ours. `wanted`: a line that has asked for this very copy. */
const plainReturn = async (c: Case, wanted: OurLine | undefined): Promise<Settled> => {
  const { ask, ours } = c
  const { libraryId, offline } = ask.account
  const barcode = get(ask, 'AB')
  const owner = await ours.otherOwner(libraryId, barcode)
  if (owner !== undefined) return neighbours(c, owner)
  const waits = await ours.waits(libraryId, barcode)
  // A loan that is undone has not happened; unless it is about to be told, when its end must be told after it.
  const physical = offline.checkins && (get(ask, 'BI') !== 'Y' || waits)
  const stored = ask.request.fixed.noBlock === 'Y' || withoutSystem(c) || waits
  if (physical && stored) return noted(c, wanted)
  if (withoutSystem(c)) return refusedAway(c)
  const answer = await theirs(c)
  if (answer.unsure && physical) return noted(c, wanted, true)
  if (!isYes(answer.reply)) return c.back.away() && physical ? noted(c, wanted, true) : answer
  const going = wantedGoing(c, wanted, theirGoing(c, answer.reply))
  return sure(saying(ask, replied(c, wanted, going, answer.reply), ...sentence(going)))
}

/** An order of ours waits for this very copy: it goes to the branch whose staff will pack it. */
const wantedGoing = (c: Case, wanted: OurLine | undefined, theirs: Going): Going => {
  if (!wanted || theirs.why === '01' || theirs.why === '02') return theirs
  const to = c.ours.place(wanted.branchId)
  return { alert: true, why: handedInAt(c).branchId === to.branchId ? '01' : '02', to }
}

const returnOf = ({ ask }: Case) =>
  ({
    act: 'checkin',
    barcode: get(ask, 'AB'),
    at: returnedAt(ask),
    location: get(ask, 'AP') || ask.account.location,
  }) as const

const noted = async (c: Case, wanted: OurLine | undefined, maybeDone = false): Promise<Settled> => {
  const { ask, ours } = c
  const { libraryId } = ask.account
  const barcode = get(ask, 'AB')
  await happened(c, { ...returnOf(c), maybeDone })
  const title = (await ours.titles(libraryId, [barcode])).get(barcode) ?? ''
  const going = wantedGoing(c, wanted, stays)
  return sure(saying(ask, replied(c, wanted ?? { title }, going), notedWords(ask.account)))
}

/** A book of another library of the network: taken in for it, and sent home. */
const neighbours = async (c: Case, owner: string): Promise<Settled> => {
  const { ask, ours } = c
  const barcode = get(ask, 'AB')
  const going: Going = { alert: true, why: '04', code: owner }
  const title = (await ours.titles(owner, [barcode])).get(barcode) ?? ''
  const answer = await checkinAt(c, owner, barcode)
  if (!answer.ok && answer.problem.kind === 'refused' && !answer.problem.maybeDone)
    return troubled(c, answer.problem)
  if (!answer.ok) {
    if (!ask.account.offline.checkins) return troubled(c, answer.problem)
    const maybeDone = answer.problem.maybeDone === true
    await ours.happened(ask.account, {
      libraryId: owner,
      act: 'checkin',
      barcode,
      at: returnedAt(ask),
      maybeDone,
    })
  }
  return sure(saying(ask, replied(c, { title }, going), sendTo(ours.libraryName(owner))))
}

const checkinAt = async (c: Case, owner: string, barcode: string): Promise<Answer<CheckinReceipt>> => {
  const other = c.systemOf(owner)
  if (other.byHand || other.ils.health().state === 'down' || (await c.ours.waits(owner, barcode)))
    return no(unreachable('ils-down', words.away))
  const at = returnedAt(c.ask)
  const answer = await other.ils.checkin({
    ...c.act,
    barcode,
    at: c.ask.now,
    returnedAt: at,
    priority: 'person',
  })
  return answer.ok ? yes(answer.value) : answer
}
