import { parseBeijing } from '../../kernel/beijing-time.ts'
import type { Clock, Millis } from '../../kernel/clock.ts'

type Content = Readonly<Record<string, unknown>>
export type Outcome =
  | { readonly ok: true; readonly fields: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly subCode: string; readonly subMsg: string }

/** A borrowing as the platform keeps it. */
export interface Contract {
  status: 'INITED' | 'SIGNED'
  dueAt: Millis
  borrowed: readonly Subject[]
  returned: readonly Subject[]
}
type Subject = Readonly<Record<string, unknown>>

const done: Outcome = { ok: true, fields: {} }
const failed = (subCode: string, subMsg: string): Outcome => ({ ok: false, subCode, subMsg })
const invalid = (what: string): Outcome => failed('INVALID_PARAMETER', `参数有误：${what}`)

export interface ContractView {
  readonly outTransNo: string
  readonly status: 'INITED' | 'SIGNED'
  readonly borrowed: readonly string[]
  readonly returned: readonly string[]
  /** Judged by the platform alone, from the due date: what a lost "returned" call costs a reader. */
  readonly overdue: boolean
}

/** The platform's books, to be kept between two runs. */
export type SavedContracts = readonly (readonly [number: string, contract: Contract])[]

/** State of `zhima.credit.contract.borrow.*`. Sub codes of this family are published nowhere: these are made up. */
export const createContracts = (
  clock: Pick<Clock, 'now'>,
  repeatedCreate: 'refuse' | 'accept',
  saved: SavedContracts = [],
) => {
  const all = new Map(saved.map(([number, contract]) => [number, { ...contract }]))

  const initialize = (number: string): Outcome => {
    if (!all.has(number)) all.set(number, { status: 'INITED', dueAt: 0, borrowed: [], returned: [] })
    return { ok: true, fields: { url: `https://qr.example.cn/${number}` } }
  }
  const create = (number: string, content: Content): Outcome => {
    const known = all.get(number)
    if (known?.status === 'INITED') return failed('CONTRACT_NOT_SIGNED', '用户尚未签约')
    if (known && known.borrowed.length > 0)
      return repeatedCreate === 'accept' ? done : failed('OUT_TRANS_NO_REPEATED', '商户流水号重复')
    const from = parseBeijing(String(content.gmt_borrow))
    const due = parseBeijing(String(content.gmt_due))
    const subjects = readSubjects(content.subjects_borrowed)
    if (from === undefined || due === undefined || due <= from) return invalid('gmt_borrow, gmt_due')
    if (!subjects) return invalid('subjects_borrowed')
    all.set(number, { status: 'SIGNED', dueAt: due, borrowed: subjects, returned: [] })
    return done
  }
  const giveBack = (number: string, content: Content): Outcome => {
    const contract = all.get(number)
    const subjects = readSubjects(content.subjects_returned)
    if (!contract) return failed('CONTRACT_NOT_EXIST', '借阅记录不存在')
    if (!subjects) return invalid('subjects_returned')
    const ids = subjects.map(idOf)
    if (ids.some(id => !contract.borrowed.map(idOf).includes(id)))
      return failed('SUBJECT_NOT_BORROWED', '图书未被借出')
    if (ids.some(id => contract.returned.map(idOf).includes(id)))
      return failed('SUBJECT_RETURNED', '图书已经归还')
    contract.returned = [...contract.returned, ...subjects]
    return done
  }
  const query = (number: string): Outcome => {
    const contract = all.get(number)
    if (!contract) return failed('CONTRACT_NOT_EXIST', '借阅记录不存在')
    return {
      ok: true,
      fields: {
        status: contract.status,
        subjects_borrowed: JSON.stringify(contract.borrowed),
        subjects_returned: JSON.stringify(contract.returned),
      },
    }
  }
  const handle = (operation: string, content: Content): Outcome | undefined => {
    const number = String(content.out_trans_no ?? '')
    if (content.service_id === undefined || content.service_id === '') return invalid('service_id')
    if (!/^book$/i.test(String(content.category))) return invalid('category')
    if (!/^[\w-]{1,64}$/.test(number)) return invalid('out_trans_no')
    if (operation === 'initialize') return initialize(number)
    if (operation === 'create') return create(number, content)
    if (operation === 'return') return giveBack(number, content)
    return operation === 'query' ? query(number) : undefined
  }
  const view = (): readonly ContractView[] =>
    [...all].map(([outTransNo, contract]) => ({
      outTransNo,
      status: contract.status,
      borrowed: contract.borrowed.map(idOf),
      returned: contract.returned.map(idOf),
      overdue: contract.returned.length < contract.borrowed.length && clock.now() > contract.dueAt,
    }))
  return {
    handle,
    view,
    toJSON: (): SavedContracts => [...all],
    /** The reader agrees in the app. */
    agree: (number: string): void => {
      const contract = all.get(number)
      if (contract) contract.status = 'SIGNED'
    },
  }
}

const idOf = (subject: Subject): string => String(subject.id)

const readSubjects = (value: unknown): readonly Subject[] | undefined => {
  if (typeof value !== 'string') return undefined
  try {
    const list: unknown = JSON.parse(value)
    if (!Array.isArray(list) || list.length === 0) return undefined
    const complete = (list as Subject[]).every(entry => entry?.id && entry.name && entry.type === 'book')
    return complete ? (list as Subject[]) : undefined
  } catch {
    return undefined
  }
}
