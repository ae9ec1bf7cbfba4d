import type { DemoJson } from '../../gateway/http/api/demo.ts'
import { townLibraries, townReaders } from '../../sandbox/town/facts.ts'
import { demoPassword, demoStaff } from './furnish.ts'

/** What a visitor of the demo town needs: addresses and log-ins. */
export const welcome = (
  url: string,
  demo: DemoJson,
  systems: readonly { readonly name: string; readonly port: number }[],
  account: { readonly user: string; readonly password: string },
  machines:
    | { readonly port: number; readonly users: readonly string[]; readonly password: string }
    | undefined,
  newCabinet: number,
): string => {
  const readers = townLibraries.map(({ id, name }) => {
    const one = townReaders().find(reader => reader.library === id && reader.block === undefined)!
    return `    ${name}  读者证/card ${one.card}  密码/PIN ${one.pin}`
  })
  const staff = demoStaff.map(({ login, role }) => `${login} (${role})`).join(', ')
  return [
    '',
    '  书桥 Shuqiao: 演示小城已经开门 / the demo town is open',
    '',
    `  导览 guided tour      ${url}/guide`,
    `  读者 reader           ${url}/`,
    ...readers,
    `  馆员 staff            ${url}/staff   密码/password ${demoPassword}`,
    `    ${staff}`,
    `  自助柜 lockers`,
    ...demo.kiosks.map(({ lockerId, key }) => `    ${lockerId.padEnd(16)} ${url}/kiosk#key=${key}`),
    `    存书工作证 badge to put parcels in   ${demo.staff.badge}`,
    `  新柜 a new cabinet    127.0.0.1:${newCabinet}   用 admin 登录设置 / log in as admin and set it up:`,
    `    ${url}/staff#/line-setup`,
    `  接口 API              ${url}/reference`,
    ...(machines
      ? [
          `  自助借还机 SIP2 kiosk 127.0.0.1:${machines.port}   密码/password ${machines.password}`,
          `    用户/users ${machines.users.join('  ')}`,
        ]
      : []),
    `  图书馆系统 SIP2       ${systems.map(({ name, port }) => `${name} 127.0.0.1:${port}`).join('   ')}`,
    `    用户/user ${account.user}   密码/password ${account.password}`,
    '',
    '  Ctrl+C 结束，数据保留 / stops; everything is kept',
    '',
  ].join('\n')
}
