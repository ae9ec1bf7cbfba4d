/** The desk of the pages' own tests: a pick list, one book that scans well, one that needs a look, one refused. */
import type { Hono } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { auditPage, deadLetterPage } from '../../src/gateway/http/api/office.ts'
import { complianceReport, type FigureJson, figureLinePage } from '../../src/gateway/http/api/reports.ts'
import {
  scanInput,
  scanResult,
  staffLogin,
  staffMe,
  today,
  type WorkRowJson,
  workList,
} from '../../src/gateway/http/api/staff.ts'
import { answer, refuse } from './fake-api.ts'
import { linkRoutes } from './fake-links.ts'
import { fakeLockers } from './fake-lockers.ts'
import { books, townNow } from './fake-town.ts'

const both = (zh: string, en: string) => ({ zh, en })

const row = (at: number, changes: Partial<WorkRowJson>): WorkRowJson => {
  const book = books[at]!
  return {
    orderId: `order-${at}`,
    orderNumber: `20261122-00${10 + at}`,
    lineId: `work-${at}`,
    title: book.title,
    ...(book.author && { author: book.author }),
    barcode: `ST2500${5193 + at * 7}`,
    callNumber: `${book.clc}/${at + 3}`,
    location: at < 4 ? '二楼 文学' : '三楼 社科',
    place: both('人民路总馆', 'Renmin Road'),
    branchId: 'main',
    reader: ['李**', '王*', '沈**', '欧阳**'][at % 4]!,
    status: 'picking',
    statusName: both('待找', 'To find'),
    delivery: { way: 'locker', name: both('观前街柜', 'Guanqian Street locker') },
    deadline: '2026-11-23T10:00:00+08:00',
    secondsLeft: 11_400 + at * 4000,
    risk: 'on-time',
    parcelNumber: null,
    compartment: null,
    trouble: null,
    ilsPending: false,
    can: ['found', 'not-found', 'cancel'],
    ...changes,
  }
}

const toFind = (): WorkRowJson[] => [
  row(0, { secondsLeft: -900, risk: 'late' }),
  row(1, { secondsLeft: 2700, risk: 'at-risk', delivery: { way: 'home', name: both('送上门', 'Home') } }),
  row(2, {}),
  row(3, { trouble: both('架上有两本同名的，看清条码', 'Two copies of this title stand here') }),
  row(5, {}),
  row(6, { ilsPending: true }),
  row(9, { barcode: null }),
]

const toSend = (): WorkRowJson[] => [
  row(12, { parcelNumber: 'P2611220003', status: 'packed', can: ['put-in-locker', 'send'] }),
  row(13, { parcelNumber: 'P2611220003', status: 'packed', can: ['put-in-locker', 'send'] }),
  row(14, {
    parcelNumber: 'P2611220004',
    status: 'packed',
    can: ['send', 'carrier-lost'],
    delivery: { way: 'home', name: both('送上门', 'Home') },
  }),
]

const figure = (changes: Partial<FigureJson>): FigureJson => ({
  id: 'processing',
  clause: '6.2.1',
  name: both('订单处理时间', 'Order processing time'),
  value: 0.42,
  unit: 'working-days',
  bound: 1,
  onTimeShare: 0.981,
  met: true,
  say: both('100 件里 98 件在一个工作日内找到。', '98 in 100 were found within a working day.'),
  numerator: 1284,
  denominator: 1309,
  distribution: { count: 1309, median: 0.31, p90: 0.77, p95: 0.92, max: 2.4 },
  parts: [
    { name: '人民路总馆', value: 0.38, count: 980 },
    { name: '平江路分馆', value: 0.55, count: 329 },
  ],
  ...changes,
})

const figures: FigureJson[] = [
  figure({}),
  figure({
    id: 'acquisition',
    clause: '6.2.2',
    name: both('文献获取时间', 'Acquisition time'),
    value: 1.6,
    bound: 3,
    say: both('一般一天半到手，最慢的等了四天。', 'A day and a half as a rule.'),
    distribution: { count: 1190, median: 1.4, p90: 2.6, p95: 3.2, max: 4.1 },
  }),
  figure({
    id: 'rejection-open',
    clause: '6.2.3',
    name: both('拒借率（开架）', 'Rejection rate, open shelf'),
    value: 0.031,
    unit: 'share',
    bound: 0.1,
    numerator: 41,
    denominator: 1309,
    distribution: null,
    say: both('100 件里 3 件没借到，多半是架上找不到。', '3 in 100 were not had.'),
  }),
  figure({
    id: 'rejection-closed',
    clause: '6.2.3',
    name: both('拒借率（闭架）', 'Rejection rate, closed shelf'),
    value: 0.024,
    unit: 'share',
    bound: 0.01,
    met: false,
    numerator: 3,
    denominator: 125,
    distribution: null,
    say: both('闭架 125 件里 3 件没借到，超过了 1%。', '3 in 125: above 1 %.'),
  }),
  figure({
    id: 'locker-usage',
    clause: '8.1.1',
    name: both('自助柜周转', 'Locker turnover'),
    value: null,
    unit: 'turns-per-day',
    bound: null,
    met: null,
    numerator: null,
    denominator: 0,
    distribution: null,
    parts: [],
    say: both('这段时间没有数据。', 'No data in this period.'),
  }),
]

const workRoutes = (app: Hono): void => {
  const lists: Record<string, WorkRowJson[]> = {
    find: toFind(),
    pack: [row(10, { status: 'charged', can: ['pack', 'cancel'] })],
    send: toSend(),
    receive: [row(16, { status: 'return_in_locker', can: ['receive', 'damaged'], compartment: '5' })],
    recover: [],
    exceptions: [
      row(17, {
        trouble: both('系统说读者欠费', 'The ILS says the reader owes'),
        can: ['retry-checkout', 'cancel'],
      }),
    ],
    manual: [],
  }
  const finish = (lineId: string) => {
    for (const name of Object.keys(lists)) lists[name] = lists[name]!.filter(one => one.lineId !== lineId)
  }
  app.get('/api/staff/today', c =>
    answer(c, today, {
      counts: {
        toFind: lists.find!.length,
        toFindLate: 2,
        toPack: lists.pack!.length,
        toSend: lists.send!.length,
        toReceive: lists.receive!.length,
        toRecover: 0,
        exceptions: lists.exceptions!.length,
      },
      flow: Array.from({ length: 12 }, (_, at) => ({
        hour: at + 8,
        received: [4, 9, 12, 6, 8, 5, 7, 3, 0, 0, 0, 0][at]!,
        found: [2, 6, 10, 7, 5, 6, 4, 2, 0, 0, 0, 0][at]!,
        packed: [0, 3, 9, 8, 4, 5, 3, 2, 0, 0, 0, 0][at]!,
        sent: [0, 0, 10, 0, 0, 0, 18, 0, 0, 0, 0, 0][at]!,
        collected: [0, 1, 2, 6, 3, 4, 5, 4, 0, 0, 0, 0][at]!,
      })),
      ils: [
        { libraryId: 'sucheng', state: 'up', say: both('回话 40 毫秒', 'Answers in 40 ms'), queue: 0 },
        { libraryId: 'wujiang', state: 'closed-hours', say: both('6:00 开机', 'Back at 6:00'), queue: 3 },
      ],
      soonLate: lists.find!.slice(0, 2),
    }),
  )
  app.get('/api/staff/work/:list', c => {
    const list = workList.shape.list.parse(c.req.param('list'))
    return answer(c, workList, { list, rows: lists[list] ?? [] })
  })
  app.post('/api/staff/scan', async c => {
    const { code } = scanInput.parse(await c.req.json())
    const found = Object.values(lists)
      .flat()
      .find(one => one.barcode === code || one.parcelNumber === code)
    if (!found)
      return answer(c, scanResult, {
        signal: 'no',
        say: both('没有人要这本书。', 'Nobody asked for this book.'),
        row: null,
        next: both('放回架上。', 'Put it back.'),
      })
    finish(found.lineId)
    const look = found.trouble !== null
    return answer(c, scanResult, {
      signal: look ? 'look' : 'yes',
      say: look
        ? both('对，是这一本。读者请你看看封底。', 'Right; look at its back.')
        : both('找到了，已借出。', 'Found and charged.'),
      row: found,
      next: both('放进 2 号箱。', 'Into box 2.'),
    })
  })
  app.post('/api/staff/lines/:line/:act', c => {
    const line = c.req.param('line')
    const found = Object.values(lists)
      .flat()
      .find(one => one.lineId === line)
    finish(line)
    return answer(c, scanResult, {
      signal: 'yes',
      say: both('记下了。', 'Noted.'),
      row: found ?? null,
      next: null,
    })
  })
}

const reportRoutes = (app: Hono): void => {
  app.get('/api/reports/compliance', c => {
    const { library, from = townNow, to = townNow } = c.req.query()
    return answer(c, complianceReport, {
      libraryId: library ?? null,
      from,
      to,
      figures: figures.map((one, at) =>
        from.startsWith('2026-11') || one.value === null
          ? one
          : { ...one, value: one.value * (0.8 + 0.1 * (at % 4)) },
      ),
      lockers: [
        {
          lockerId: 'guanqian',
          name: both('观前街柜', 'Guanqian Street locker'),
          deposits: 412,
          collections: 401,
          returns: 288,
          occupancy: 0.63,
          turnover: 1.9,
          expired: 11,
          failedOpenings: 2,
          byHour: Array.from({ length: 24 }, (_, hour) =>
            hour < 7 ? 0 : Math.round(20 * Math.sin(((hour - 6) / 17) * Math.PI)),
          ),
        },
      ],
    })
  })
  app.get('/api/reports/compliance/:figure/lines', c =>
    answer(c, figureLinePage, {
      items: books.slice(0, 3).map((book, at) => ({
        orderNumber: `20261102-00${at + 1}`,
        lineId: `line-${at}`,
        title: book.title,
        branchId: 'main',
        supplierId: 'sucheng',
        from: '2026-11-02T10:00:00+08:00',
        to: at === 2 ? null : '2026-11-03T09:00:00+08:00',
        workingDays: at === 2 ? null : 0.8 + at,
        deadline: '2026-11-03T10:00:00+08:00',
        onTime: at === 2 ? null : at === 0,
        outcome: null,
        note: at === 1 ? both('先说没找到，第二本找到了', 'Found on a second copy') : null,
      })),
      next: null,
    }),
  )
}

const officeRoutes = (app: Hono): void => {
  app.get('/api/staff/dead-letters', c =>
    answer(c, deadLetterPage, {
      items: [
        {
          id: 'letter-1',
          kind: 'ils.checkout',
          orderId: 'order-1',
          lineId: 'line-1',
          attempts: 8,
          since: '2026-11-22T02:10:00+08:00',
          say: both('图书馆系统没有回话。', 'The library system did not answer.'),
          their: { code: 'AF', text: 'TIMEOUT' },
        },
      ],
      next: null,
    }),
  )
  app.get('/api/staff/audit', c =>
    answer(c, auditPage, {
      items: [
        {
          seq: 12,
          at: '2026-11-22T09:58:00+08:00',
          actor: 'staff:librarian',
          action: 'locker-opened',
          subject: 'guanqian/7',
          reason: '读者被卡住了',
          data: {},
          hash: 'c0ffee0123456789',
        },
      ],
      next: null,
    }),
  )
}

/** Doors that were told to open from afar, over all tests of a file. */
export const openedDoors: string[] = []

export const staffRoutes = (app: Hono): void => {
  const me = {
    user: 'librarian',
    name: '顾敏',
    role: 'administrator' as const,
    libraryId: 'sucheng',
    branches: ['main', 'pingjiang'],
  }
  app.post('/api/session/staff', async c => {
    const { password } = staffLogin.parse(await c.req.json())
    if (password !== 'demo') return refuse(c, 401, ['用户名或密码不对', 'Wrong user or password'])
    setCookie(c, 'shuqiao_staff', 'one', { httpOnly: true, sameSite: 'Lax', path: '/' })
    return answer(c, staffMe, me)
  })
  app.delete('/api/session/staff', c => {
    setCookie(c, 'shuqiao_staff', '', { path: '/', maxAge: 0 })
    return c.body(null, 204)
  })
  for (const path of ['/api/staff/*', '/api/reports/*'])
    app.use(path, (c, next) =>
      getCookie(c, 'shuqiao_staff') ? next() : Promise.resolve(refuse(c, 401, ['请先登录', 'Please log in'])),
    )
  app.get('/api/staff/me', c => answer(c, staffMe, me))
  workRoutes(app)
  fakeLockers(openedDoors)(app)
  reportRoutes(app)
  officeRoutes(app)
  linkRoutes(app)
}
