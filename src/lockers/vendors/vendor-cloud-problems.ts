import { type Answer, garbled, misconfigured, no, unreachable } from '../../kernel/problem.ts'
import type { Door } from '../locker.ts'

export const keyRefused = misconfigured('locker-cloud-key', {
  zh: '柜机厂商平台不接受我方的密钥或签名，请检查设置。',
  en: "The vendor's cloud does not accept our key or signature; check the settings.",
})
const unknownThere = misconfigured('locker-cloud-unknown', {
  zh: '柜机厂商平台不认识这台柜机或格口，请检查设置。',
  en: "The vendor's cloud does not know this cabinet or compartment; check the settings.",
})
const callRefused = misconfigured('locker-cloud-refused', {
  zh: '柜机厂商平台不接受我方的请求。',
  en: "The vendor's cloud does not accept what we ask.",
})
const tooMany = unreachable('locker-cloud-busy', {
  zh: '柜机厂商平台请求过多，请稍后再试。',
  en: "The vendor's cloud is asked too often; try again in a moment.",
})
export const cabinetOffline = unreachable('locker-cabinet-offline', {
  zh: '柜机与厂商平台之间的连接已断开。',
  en: 'The cabinet is not connected to its vendor’s cloud.',
})
export const lineClosed = unreachable('locker-line-down', {
  zh: '与柜机厂商平台的连接已关闭。',
  en: "The connection to the vendor's cloud has been closed.",
})
export const unreadable = garbled('locker-answer-garbled', {
  zh: '柜机厂商平台的应答无法读懂。',
  en: "What came from the vendor's cloud could not be read.",
})
export const noSuchDoor = (door: Door) =>
  misconfigured('locker-no-such-door', {
    zh: `柜机 ${door.board} 没有 ${door.channel} 号格口，请检查柜格设置。`,
    en: `There is no compartment ${door.channel} in cabinet ${door.board}; check the layout of the locker.`,
  })

/** 409: the cloud knows that the cabinet cannot be reached. 412, 420: Sudiyi's own, for a missing header and for haste. */
export const refusalOf = (status: number): Answer<never> => {
  if (status === 401 || status === 403 || status === 412) return no(keyRefused)
  if (status === 404) return no(unknownThere)
  if (status === 409) return no(cabinetOffline)
  if (status === 420) return no(tooMany)
  return no({ ...callRefused, their: { code: String(status) } })
}
