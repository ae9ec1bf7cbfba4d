import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import {
  asProblem,
  type Problem,
  ProblemError,
  refused,
  unreachable,
  type Words,
} from '../../kernel/problem.ts'
import { codeOf, isGone } from '../store/db.ts'
import type { ProblemJson } from './api/common.ts'
import type { Ctx } from './deps.ts'

/** Status of codes whose kind does not tell it. */
const statuses: Readonly<Record<string, number>> = {
  'signed-out': 401,
  'wrong-card-or-pin': 401,
  'wrong-password': 401,
  forbidden: 403,
  'not-found': 404,
  'unknown-library': 404,
  'unknown-branch': 404,
  'unknown-locker': 404,
  'unknown-order': 404,
  'unknown-line': 404,
  'unknown-record': 404,
  'invalid-request': 400,
  'idempotency-key-missing': 400,
  'too-large': 413,
  'unsupported-type': 415,
  'idempotency-key-reused': 422,
  'too-many-attempts': 429,
  'too-many-streams': 429,
}
const byKind = { refused: 409, unreachable: 503, garbled: 502, misconfigured: 500, bug: 500 } as const

export const statusOf = (problem: Problem): number => statuses[problem.code] ?? byKind[problem.kind]

/** What a person can do next, where the problem's own words do not say. */
const nextSteps: Readonly<Record<string, Words>> = {
  'signed-out': { zh: '请先登录。', en: 'Log in first.' },
  'wrong-card-or-pin': {
    zh: '请核对读者证号和密码；忘记密码请致电图书馆。',
    en: 'Check card number and PIN; call the library if you forgot the PIN.',
  },
  internal: {
    zh: '请稍后再试；如仍不行，请把请求编号告诉我们。',
    en: 'Try again later; if it stays, tell us the request number.',
  },
}

export type FieldError = { readonly path: string; readonly message: string }

/** problem+json. The other side's own words are for staff alone. */
export const problemJson = (
  problem: Problem,
  instance: string,
  { toStaff = false, errors }: { toStaff?: boolean; errors?: readonly FieldError[] } = {},
): ProblemJson => {
  const next = nextSteps[problem.code]
  return {
    type: `urn:shuqiao:problem:${problem.code}`,
    title: { ...problem.say },
    status: statusOf(problem),
    ...(next ? { next } : {}),
    ...(errors ? { errors: [...errors] } : {}),
    ...(toStaff && problem.their && problem.kind !== 'bug' ? { their: { ...problem.their } } : {}),
    instance,
  }
}

/** The answer for anything thrown on the way of a request. Bugs are for `log`, not for the asker. */
export const answerProblem = (
  c: Ctx,
  thrown: unknown,
  log: (problem: Problem, thrown: unknown) => void,
  errors?: readonly FieldError[],
): Response => {
  const problem = read(thrown)
  if (problem.kind === 'bug' || problem.kind === 'misconfigured') log(problem, thrown)
  const who = c.get('who') as { userId?: string } | undefined
  const body = problemJson(problem, `urn:shuqiao:request:${c.get('requestId')}`, {
    toStaff: who?.userId !== undefined,
    ...(errors ? { errors } : {}),
  })
  const headers: Record<string, string> = { 'Content-Type': 'application/problem+json; charset=utf-8' }
  if (problem.retry === 'later' && (body.status === 503 || body.status === 429)) headers['Retry-After'] = '5'
  return (c as Context).body(JSON.stringify(body), body.status as 500, headers)
}

const read = (thrown: unknown): Problem => {
  if (thrown instanceof ProblemError) return thrown.problem
  if (thrown instanceof HTTPException) return fromHttp(thrown)
  const code = codeOf(thrown)
  if (code === 'SQLITE_FULL' || code === '53100') return storeFull
  return isGone(thrown) ? storeGone : asProblem(thrown)
}

const fromHttp = (thrown: HTTPException): Problem => {
  if (thrown.status === 413) return tooLarge
  if (thrown.status === 415) return unsupportedType
  return thrown.status < 500 ? invalidRequest : asProblem(thrown)
}

export const notFound = refused('not-found', { zh: '这里什么也没有。', en: 'There is nothing here.' })
export const signedOut = refused('signed-out', {
  zh: '还没有登录，或登录已过期。',
  en: 'You are not logged in, or no longer.',
})
export const forbidden = refused('forbidden', { zh: '您没有权限做这件事。', en: 'You may not do this.' })
export const invalidRequest = refused('invalid-request', {
  zh: '请求的内容有误。',
  en: 'The request is not valid.',
})
const tooLarge = refused('too-large', { zh: '请求的内容太长。', en: 'The request is too large.' })
const unsupportedType = refused('unsupported-type', {
  zh: '请求的格式不受支持。',
  en: 'The request is in a form that is not supported.',
})
const storeGone = unreachable('store-unreachable', {
  zh: '系统暂时繁忙，请稍后再试。',
  en: 'The system is busy for the moment; try again shortly.',
})
const storeFull = unreachable('store-full', {
  zh: '系统暂时无法保存，请稍后再试。',
  en: 'The system cannot save for the moment; try again later.',
})
export const overloaded = unreachable('overloaded', {
  zh: '访问的人太多，请稍后再试。',
  en: 'Too many people are here at once; try again shortly.',
})
