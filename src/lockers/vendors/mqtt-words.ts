import { misconfigured, type Problem, refused, unreachable } from '../../kernel/problem.ts'
import type { Door } from '../locker.ts'

export const noSuchDoor = (door: Door): Problem =>
  misconfigured('locker-no-such-door', {
    zh: `书柜 ${door.board} 没有 ${door.channel} 号格口，请检查柜格设置。`,
    en: `Cabinet ${door.board} has no compartment ${door.channel}; check the layout of the locker.`,
  })

/** Nothing was sent: the broker or the heartbeat says that nobody is there. */
export const cabinetOffline: Problem = unreachable('locker-offline', {
  zh: '书柜已离线。',
  en: 'The locker is offline.',
})

/** The cabinet got the command too late, or from before it was switched on again, and did nothing. */
export const commandTooLate: Problem = unreachable('locker-command-expired', {
  zh: '指令到达书柜时已过期，未执行。',
  en: 'The command reached the locker too late; nothing was done.',
})

/** The cabinet wants commands signed, or has another key than the settings. */
export const commandUnsigned: Problem = misconfigured('locker-command-unsigned', {
  zh: '书柜不接受指令签名，请核对书柜的指令密钥。',
  en: 'The locker does not accept the signature of the command; check its command key.',
})

export const cabinetRefused = (code: string, text?: string): Problem =>
  refused(
    'locker-refused',
    { zh: '书柜拒绝了指令。', en: 'The locker refused the command.' },
    { their: { code, ...(text === undefined ? {} : { text }) } },
  )

/** Nothing is known of its doors since it was switched on or since we connected. */
export const doorsUnknown: Problem = unreachable('locker-doors-unknown', {
  zh: '书柜尚未报告柜门状态。',
  en: 'The locker has not yet told how its doors are.',
})

export const configRefused = (code: string): Problem =>
  misconfigured(
    'locker-config-refused',
    {
      zh: '书柜没有接受硬件配置，请核对线路设置。',
      en: 'The locker did not take its hardware settings; check those of the line.',
    },
    { their: { code } },
  )
