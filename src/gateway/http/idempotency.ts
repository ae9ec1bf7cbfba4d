import { ProblemError, refused } from '../../kernel/problem.ts'
import { bodyHash } from '../store/idempotency.ts'
import type { Ctx } from './deps.ts'

const missing = refused('idempotency-key-missing', {
  zh: '请求须带 Idempotency-Key（16 至 64 个字符）。',
  en: 'The request needs an Idempotency-Key of 16 to 64 characters.',
})

/**
 * The request's Idempotency-Key and what it stands for, for `once` and `onceInTx` of the store. `scope` names the
 * operation; the asker is added to it. Throws `refused/idempotency-key-missing`.
 */
export const idempotentRequest = async (
  c: Ctx,
  scope: string,
): Promise<{ libraryId: string; scope: string; key: string; body: string; hash: string }> => {
  const key = c.req.header('Idempotency-Key') ?? ''
  if (!/^[\x21-\x7e]{16,64}$/.test(key)) throw new ProblemError(missing)
  const who = c.get('who')
  const asker =
    'patronId' in who ? who.patronId : 'keyId' in who ? who.keyId : 'userId' in who ? who.userId : ''
  const body = await c.req.text()
  const libraryId = 'libraryId' in who ? who.libraryId : ''
  return { libraryId, scope: `${scope} ${asker}`, key, body, hash: bodyHash(body) }
}
