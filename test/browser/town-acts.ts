/** What has to have happened in the town before a story begins, done without pages. */

import { expect } from 'vitest'
import { demoPassword } from '../../src/main/demo/furnish.ts'
import type { TownReader } from '../../src/sandbox/town/facts.ts'
import { visitor } from '../journeys/town.ts'
import type { Stage } from './stage.ts'

type Json = Record<string, unknown>

/** Words of the code that a cabinet's screen shows phones just now. */
export const codeOnScreen = async (stage: Stage, lockerId: string): Promise<string> => {
  const { key } = stage.town.guide.kiosks.find(kiosk => kiosk.lockerId === lockerId)!
  const answer = await fetch(`${stage.town.url}/api/kiosk/phone`, {
    headers: { Authorization: `Device ${key}` },
  })
  const { url } = (await answer.json()) as { url: string | null }
  if (url === null) throw new Error('the screen shows no code')
  return url.replace(/^https?:\/\/[^/]+/, '')
}

export interface Ready {
  readonly title: string
  readonly orderId: string
  readonly barcode: string
  /** What is typed at the cabinet. */
  readonly code: string
  line(): Promise<{ readonly status: string }>
}

/** A book of this title lies in the cabinet for the reader; its order, its line and its barcode. */
export const readyInLocker = async (
  stage: Stage,
  reader: TownReader,
  title: string,
  lockerId: string,
): Promise<Ready> => {
  const { url } = stage.town
  const they = visitor(url)
  await they.post('/api/session/reader', {
    libraryId: reader.library,
    card: reader.card,
    pin: reader.pin,
  })
  const rules = await they.get<{ consent: { textVersion: string } }>(`/api/rules/${reader.library}`)
  await they.post('/api/me/join', {
    way: 'card',
    consent: { textVersion: rules.consent.textVersion, agreed: true },
  })
  const found = await they.get<{ items: { id: string; title: string }[] }>(
    `/api/records?q=${encodeURIComponent(title)}`,
  )
  const record = found.items.find(one => one.title === title)!
  const order = await they.post<{ id: string; lines: { id: string }[] }>(
    '/api/orders',
    { recordIds: [record.id], delivery: { way: 'locker', lockerId } },
    { 'Idempotency-Key': `story-${title.length}-${reader.card}-${lockerId}` },
  )
  const lineId = order.lines[0]!.id
  const line = async () => {
    const known = await they.get<{ lines: (Json & { id: string; status: string; barcode: string })[] }>(
      `/api/orders/${order.id}`,
    )
    return known.lines.find(one => one.id === lineId)!
  }
  const soon = (status: string) =>
    expect.poll(async () => (await line()).status, { timeout: 20_000 }).toBe(status)
  const staff = visitor(url)
  await staff.post('/api/session/staff', { user: reader.library, password: demoPassword })
  const press = (action: string) => staff.post<Json>(`/api/staff/lines/${lineId}/${action}`, {})
  await expect.poll(async () => (await line()).status, { timeout: 20_000 }).toMatch(/confirmed|picking/)
  await press('found')
  await soon('charged')
  await press('put-in-locker')
  stage.shutDoor(lockerId)
  await soon('in_locker')
  const { code } = await they.get<{ code: string }>(`/api/orders/${order.id}/code`)
  return { title, orderId: order.id, barcode: (await line()).barcode, code, line }
}
