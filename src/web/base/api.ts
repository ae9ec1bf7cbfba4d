import type { ProblemJson } from '../../gateway/http/api/common.ts'

/** A problem+json answer, or the same shape made here when no answer came. */
export class ApiProblem extends Error {
  readonly problem: ProblemJson

  constructor(problem: ProblemJson) {
    super(problem.title.en)
    this.name = 'ApiProblem'
    this.problem = problem
  }

  get signedOut(): boolean {
    return this.problem.status === 401
  }
}

const local = (code: string, zh: string, en: string, nextZh: string, nextEn: string): ProblemJson => ({
  type: `urn:shuqiao:problem:${code}`,
  title: { zh, en },
  next: { zh: nextZh, en: nextEn },
  status: 0,
})

/** Set once at start by a page that finds out that nobody answers; kept apart so that texts stay in one place. */
let unreachable: ProblemJson = local('no-answer', '', '', '', '')
let unreadable: ProblemJson = local('unreadable', '', '', '', '')

/** The two problems that no server can tell: given by the language files. */
export const setLocalProblems = (no: ProblemJson, bad: ProblemJson): void => {
  unreachable = no
  unreadable = bad
}

let device: string | null = null

/** The locker screen speaks as a device. */
export const actAsDevice = (key: string): void => {
  device = key
}

interface Sending {
  readonly body?: unknown
  /** Idempotency-Key: the same for every try of the same act. */
  readonly key?: string
  /** Speaks as this device instead of as the person whose cookie the browser holds. */
  readonly as?: string
}

const headersOf = (method: string, { body, key, as = device ?? '' }: Sending): Record<string, string> => ({
  Accept: 'application/json',
  ...(method === 'GET' ? {} : { 'X-Shuqiao': '1' }),
  ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
  ...(key ? { 'Idempotency-Key': key } : {}),
  ...(as ? { Authorization: `Device ${as}` } : {}),
})

const isProblem = (value: unknown): value is ProblemJson =>
  typeof value === 'object' && value !== null && 'title' in value && typeof value.title === 'object'

/** `noted`: taken on, and not answered by the library system yet (202). */
export interface Answered<T> {
  readonly value: T
  readonly noted: boolean
}

const send = async <T>(method: string, path: string, sending: Sending = {}): Promise<Answered<T>> => {
  const answer = await fetch(path, {
    method,
    headers: headersOf(method, sending),
    ...(sending.body === undefined ? {} : { body: JSON.stringify(sending.body) }),
  }).catch(() => {
    throw new ApiProblem(unreachable)
  })
  if (answer.status === 204) return { value: undefined as T, noted: false }
  const value: unknown = await answer.json().catch(() => undefined)
  if (answer.ok && value !== undefined) return { value: value as T, noted: answer.status === 202 }
  throw new ApiProblem(isProblem(value) ? value : { ...unreadable, status: answer.status })
}

export const get = async <T>(path: string): Promise<T> => (await send<T>('GET', path)).value
/** An act that may be noted rather than done, when the library system is slow or away. */
export const act = <T>(path: string, body: unknown, key: string): Promise<Answered<T>> =>
  send<T>('POST', path, { body, key })
export const post = async <T>(path: string, body: unknown = {}, key?: string): Promise<T> =>
  (await send<T>('POST', path, key ? { body, key } : { body })).value
export const patch = async <T>(path: string, body: unknown): Promise<T> =>
  (await send<T>('PATCH', path, { body })).value
/** For the guided tour, which plays the cabinet as well. */
export const postAs = async <T>(as: string, path: string, body: unknown): Promise<T> =>
  (await send<T>('POST', path, { body, as })).value
export const remove = async <T = void>(path: string): Promise<T> => (await send<T>('DELETE', path)).value

/** 128 random bits as text; works without a secure context, where crypto.randomUUID is missing. */
export const newKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('')
