/** Who asks. `hook`: another system's webhook, which proves itself by its own means; `local`: this machine. */
export const roles = [
  'public',
  'reader',
  'librarian',
  'manager',
  'auditor',
  'administrator',
  'device',
  'partner',
  'hook',
  'local',
] as const
export type Role = (typeof roles)[number]

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
export interface RouteRow {
  readonly method: Method
  /** As OpenAPI writes it: `/api/orders/{id}`. */
  readonly path: string
  /** Whoever is not named is refused. */
  readonly roles: readonly Role[]
  /** What a partner's key must be scoped for. */
  readonly scope?: string
}

const staff = ['librarian', 'manager', 'administrator'] as const
const heads = ['manager', 'administrator'] as const
const readsFigures = ['manager', 'auditor', 'administrator', 'partner'] as const

const row = (line: string, allowed: readonly Role[], scope?: string): RouteRow => {
  const [method, path] = line.split(' ') as [Method, string]
  return { method, path, roles: allowed, ...(scope === undefined ? {} : { scope }) }
}

/** Every route of the gateway and who may use it. A route that is not listed here does not start. */
export const routeTable: readonly RouteRow[] = [
  row('GET /healthz', ['public']),
  row('GET /readyz', ['public']),
  row('GET /metrics', ['local', 'administrator', 'partner'], 'metrics:read'),
  row('GET /openapi.json', ['public']),
  row('GET /reference', ['public']),
  row('GET /reference/{file}', ['public']),
  row('GET /l/{lockerId}/{door}', ['public']),
  row('GET /*', ['public']),

  row('POST /api/session/reader', ['public']),
  row('DELETE /api/session/reader', ['public']),
  row('POST /api/session/staff', ['public']),
  row('DELETE /api/session/staff', ['public']),

  row('GET /api/town', ['public']),
  row('GET /api/rules/{libraryId}', ['public']),
  row('GET /api/records', ['public']),
  row('GET /api/records/{id}', ['public']),
  row('GET /api/clc', ['public']),
  row('GET /api/shelves', ['public']),

  row('GET /api/me', ['reader']),
  row('PATCH /api/me', ['reader']),
  row('POST /api/me/addresses', ['reader']),
  row('DELETE /api/me/addresses/{id}', ['reader']),
  row('POST /api/me/join', ['reader']),
  row('GET /api/me/here', ['reader']),
  row('POST /api/me/here', ['reader']),
  row('DELETE /api/me/here', ['reader']),
  row('POST /api/me/here/open', ['reader']),
  row('POST /api/me/here/return', ['reader']),
  row('POST /api/me/here/again', ['reader']),
  row('POST /api/me/here/confirm', ['reader']),
  row('GET /api/me/credit', ['reader']),
  row('DELETE /api/me/consents/{provider}', ['reader']),
  row('POST /api/me/decisions/{id}/objection', ['reader']),
  row('GET /api/me/messages', ['reader']),
  row('POST /api/me/messages/read', ['reader']),
  row('POST /api/orders/quote', ['reader']),
  row('POST /api/orders', ['reader']),
  row('GET /api/orders', ['reader']),
  row('GET /api/orders/{id}', ['reader']),
  row('GET /api/orders/{id}/code', ['reader']),
  row('POST /api/orders/{id}/hand-over', ['reader']),
  row('DELETE /api/orders/{id}/hand-over', ['reader']),
  row('POST /api/orders/{id}/lines/{lineId}/cancel', ['reader']),
  row('POST /api/orders/{id}/lines/{lineId}/renew', ['reader']),
  row('POST /api/orders/{id}/lines/{lineId}/return', ['reader']),
  row('POST /api/orders/{id}/lines/{lineId}/cancel-return', ['reader']),
  row('POST /api/orders/{id}/lines/{lineId}/transfer', ['reader']),
  row('GET /api/stream', ['reader', ...staff, 'auditor']),

  row('GET /api/staff/me', [...staff, 'auditor']),
  row('GET /api/staff/today', staff),
  row('GET /api/staff/work/{list}', staff),
  row('POST /api/staff/scan', staff),
  row('POST /api/staff/lines/{lineId}/{action}', staff),
  row('GET /api/staff/lockers', staff),
  row('POST /api/staff/lockers/{id}/compartments/{compartmentId}/open', staff),
  row('GET /api/staff/lockers/{id}/care', staff),
  row('GET /api/staff/lockers/{id}/compartments/{compartmentId}/history', staff),
  row('POST /api/staff/lockers/{id}/alarms/settle', staff),
  row('POST /api/staff/lockers/{id}/maintenance', staff),
  row('POST /api/staff/lockers/{id}/notes', staff),
  row('POST /api/staff/lockers/{id}/compartments/{compartmentId}/service', staff),
  row('POST /api/staff/lockers/{id}/bulk', staff),
  row('POST /api/staff/lockers/{id}/bulk/{bulkId}/{decision}', staff),
  row('POST /api/staff/lockers/{id}/drawing', staff),
  row('GET /api/staff/lockers/{id}/labels', staff),
  row('GET /api/staff/locker-setup', ['administrator']),
  row('POST /api/staff/locker-setup', ['administrator']),
  row('POST /api/staff/locker-setup/{id}/act', ['administrator']),
  row('POST /api/staff/locker-setup/{id}/settings', ['administrator']),
  row('POST /api/staff/locker-setup/{id}/end', ['administrator']),
  row('GET /api/staff/links', staff),
  row('GET /api/staff/links/queue', staff),
  row('POST /api/staff/links/acts/{id}/{act}', staff),
  row('POST /api/staff/links/happened', staff),
  row('GET /api/staff/dead-letters', staff),
  row('POST /api/staff/dead-letters/{id}/retry', heads),
  row('GET /api/staff/audit', ['auditor', 'administrator']),

  row('GET /api/kiosk/state', ['device']),
  row('POST /api/kiosk/collect', ['device']),
  row('POST /api/kiosk/return', ['device']),
  row('POST /api/kiosk/confirm', ['device']),
  row('POST /api/kiosk/deposit', ['device']),
  row('POST /api/kiosk/again', ['device']),
  row('GET /api/kiosk/phone', ['device']),
  row('POST /api/kiosk/next-phone', ['device']),

  row('GET /api/reports/compliance', readsFigures, 'reports:read'),
  row('GET /api/reports/compliance/{figure}/lines', readsFigures, 'reports:read'),

  row('POST /hooks/{secret}', ['hook']),

  row('GET /api/demo', ['public']),
  row('POST /api/demo/hand', ['device']),
]
