import { expect, it } from 'vitest'
import { once, onceInTx } from '../../src/gateway/store/idempotency.ts'
import { eachStore } from '../harness/store.ts'

const request = { libraryId: 'suzhou', scope: 'orders:p1', key: '0123456789abcdef', body: '{"a":1}' }

eachStore('a request with an idempotency key', fresh => {
  it('acts once and gives the first answer again', async () => {
    const { store } = await fresh()
    let acts = 0
    const ask = (body = request.body) =>
      store.tx(tx =>
        onceInTx(tx, { ...request, body }, 5, async () => ({ status: 201, answer: { id: ++acts } })),
      )
    expect(await ask()).toEqual({ status: 201, answer: { id: 1 }, replayed: false })
    expect(await ask()).toEqual({ status: 201, answer: { id: 1 }, replayed: true })
    await expect(ask('{"a":2}')).rejects.toMatchObject({ problem: { code: 'idempotency-key-reused' } })
  })

  it('acts once when it is sent ten times at once', async () => {
    const { store } = await fresh()
    const ask = () =>
      store.tx(tx =>
        onceInTx(tx, request, 5, async () => {
          await tx.insertInto('lease').values({ name: 'x', owner: 'a', fence: 1, until: 0 }).execute()
          return { status: 201, answer: 1 }
        }),
      )
    const answers = await Promise.all(Array.from({ length: 10 }, ask))
    expect(answers.filter(a => !a.replayed)).toHaveLength(1)
  })

  it('is free again when the act failed', async () => {
    const { store } = await fresh()
    const failing = store.tx(tx =>
      onceInTx(tx, request, 5, async () => {
        throw new Error('no')
      }),
    )
    await expect(failing).rejects.toThrow('no')
    const longFailing = once(
      store,
      request,
      () => 5,
      () => Promise.reject(new Error('no again')),
    )
    await expect(longFailing).rejects.toThrow('no again')
    const done = await once(
      store,
      request,
      () => 5,
      async () => ({ status: 200, answer: 'yes' }),
    )
    expect(done).toEqual({ status: 200, answer: 'yes', replayed: false })
  })

  it('is refused while the first is under way, and taken over when that process must have died', async () => {
    const { store } = await fresh()
    const gate = Promise.withResolvers<{ status: number; answer: unknown }>()
    const started = Promise.withResolvers<void>()
    const first = once(
      store,
      request,
      () => 5,
      () => {
        started.resolve()
        return gate.promise
      },
    )
    await started.promise
    const act = async () => ({ status: 200, answer: 'second' })
    await expect(once(store, request, () => 60_004, act)).rejects.toMatchObject({
      problem: { code: 'idempotency-key-busy' },
    })
    expect(await once(store, request, () => 60_005, act)).toMatchObject({ answer: 'second' })
    gate.resolve({ status: 200, answer: 'first' })
    await first
    expect(await once(store, request, () => 60_006, act)).toMatchObject({ replayed: true })
  })
})
