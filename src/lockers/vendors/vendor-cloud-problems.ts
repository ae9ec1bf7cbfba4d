import { garbled, misconfigured, type Problem, refused, unreachable } from '../../kernel/problem.ts'
import type { Door } from '../locker.ts'

export const keyRefused = misconfigured('locker-cloud-key', {
  zh: '柜机厂商平台不接受我方的密钥或签名，请检查设置。',
  en: "The vendor's cloud does not accept our key or signature; check the settings.",
})
export const headerMissing = misconfigured('locker-cloud-header', {
  zh: '柜机厂商平台没有收到签名所需的头信息，请检查中间的代理。',
  en: "The vendor's cloud misses a header of the signature; look at the proxies on the way.",
})
export const unknownThere = misconfigured('locker-cloud-unknown', {
  zh: '柜机厂商平台不认识这台柜机或格口，请检查设置。',
  en: "The vendor's cloud does not know this cabinet or compartment; check the settings.",
})
const callRefused = misconfigured('locker-cloud-refused', {
  zh: '柜机厂商平台不接受我方的请求。',
  en: "The vendor's cloud does not accept what we ask.",
})
export const tooMany = unreachable('locker-cloud-busy', {
  zh: '柜机厂商平台请求过多，请稍后再试。',
  en: "The vendor's cloud is asked too often; try again in a moment.",
})
export const cabinetOffline = unreachable('locker-cabinet-offline', {
  zh: '柜机与厂商平台之间的连接已断开。',
  en: 'The cabinet is not connected to its vendor’s cloud.',
})
/** The cloud has said when to ask for this cabinet again. */
export const cabinetResting = unreachable('locker-cabinet-resting', {
  zh: '柜机厂商平台请我方稍后再查询这台柜机。',
  en: "The vendor's cloud wants to be asked for this cabinet later.",
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

/** The vendor has no place of this size, or the library has all the places it may have at a time. */
export const noPlace = refused('locker-no-place', {
  zh: '柜机厂商没有可预约的空格口。',
  en: 'The vendor has no compartment to keep for us.',
})
const placeLimit = refused('locker-place-limit', {
  zh: '预约数量已达柜机厂商规定的上限。',
  en: "We have as many reservations as the vendor's limit allows.",
})

/**
 * 409: the cloud knows that the cabinet cannot be reached. Sudiyi's own: 412, a header is missing; 420, in too much
 * haste; 421, the limit of reservations.
 */
export const refusalOf = (status: number): Problem => {
  switch (status) {
    case 401:
    case 403:
      return keyRefused
    case 404:
      return unknownThere
    case 409:
      return cabinetOffline
    case 412:
      return headerMissing
    case 420:
      return tooMany
    case 421:
      return placeLimit
    default:
      return { ...callRefused, their: { code: String(status) } }
  }
}
