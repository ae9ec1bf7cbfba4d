/** A made-up town for the pages' own tests: small, always the same, and every answer fits the contract. */
import type { z } from '@hono/zod-openapi'
import type {
  BibBriefJson,
  ClcClassJson,
  RecordJson,
  RulesJson,
  TownJson,
} from '../../src/gateway/http/api/open.ts'
import type { LineJson, OrderJson, timelineStep } from '../../src/gateway/http/api/reader.ts'

/** The town's clock stands still at a quarter past ten on a Sunday. */
export const townNow = '2026-11-22T10:15:00+08:00'

const both = (zh: string, en: string) => ({ zh, en })

const rows: readonly (readonly [string, string, string, string, number, number])[] = [
  ['三体', '刘慈欣', 'I247.55', '重庆出版社', 2008, 2],
  ['活着', '余华', 'I247.57', '作家出版社', 2012, 0],
  ['万历十五年', '黄仁宇', 'K248.3', '中华书局', 2006, 1],
  ['乡土中国', '费孝通', 'C912.82', '人民出版社', 2015, 3],
  ['平凡的世界', '路遥', 'I247.5', '北京十月文艺出版社', 2017, 2],
  ['机器学习', '周志华', 'TP181', '清华大学出版社', 2016, 1],
  ['中国古代建筑史', '刘敦桢', 'TU-092.2', '中国建筑工业出版社', 1984, 1],
  ['苏州园林', '陈从周', 'K928.73', '上海人民出版社', 2012, 2],
  ['本草纲目', '李时珍', 'R281.3', '人民卫生出版社', 2004, 1],
  ['物种起源', '达尔文', 'Q111.2', '商务印书馆', 1995, 2],
  ['西方哲学史', '罗素', 'B5', '商务印书馆', 1963, 1],
  ['国富论', '亚当·斯密', 'F091.33', '商务印书馆', 2015, 0],
  ['论语译注', '杨伯峻', 'B222.2', '中华书局', 2009, 4],
  ['昆虫记', '法布尔', 'Q96-49', '人民教育出版社', 2017, 2],
  ['天工开物', '宋应星', 'N092', '上海古籍出版社', 2008, 1],
  ['儿童的一百种语言', '爱德华兹', 'G613', '南京师范大学出版社', 2014, 1],
  ['海错图笔记', '张辰亮', 'S93', '中信出版社', 2016, 1],
  ['时间简史', '霍金', 'P159', '湖南科学技术出版社', 2010, 3],
  ['艺术的故事', '贡布里希', 'J110.9', '广西美术出版社', 2008, 1],
  ['现代汉语词典', '中国社会科学院语言研究所', 'H164', '商务印书馆', 2016, 1],
  ['孙子兵法', '孙武', 'E892.25', '中华书局', 2011, 2],
  ['寂静的春天', '卡逊', 'X-49', '上海译文出版社', 2011, 1],
  ['The Design of Everyday Things', 'Donald Norman', 'TB472', 'Basic Books', 2013, 1],
  ['数学之美', '吴军', 'O1-49', '人民邮电出版社', 2014, 2],
]

export const books: readonly BibBriefJson[] = rows.map(([title, author, clc, publisher, year, free], at) => ({
  id: `bib-${at + 1}`,
  title,
  author,
  publisher,
  year,
  isbn: `97873662929${String(at + 10)}`,
  clc,
  copies: free + 2,
  free,
  libraries: free > 1 ? ['sucheng', 'wujiang'] : ['sucheng'],
}))

export const clcClasses: readonly ClcClassJson[] = [
  ['A', '马列主义、毛泽东思想、邓小平理论', 'Marxism'],
  ['B', '哲学、宗教', 'Philosophy, religion'],
  ['C', '社会科学总论', 'Social sciences'],
  ['D', '政治、法律', 'Politics, law'],
  ['E', '军事', 'Military science'],
  ['F', '经济', 'Economics'],
  ['G', '文化、科学、教育、体育', 'Culture, education, sports'],
  ['H', '语言、文字', 'Language'],
  ['I', '文学', 'Literature'],
  ['J', '艺术', 'Art'],
  ['K', '历史、地理', 'History, geography'],
  ['N', '自然科学总论', 'Natural science'],
  ['O', '数理科学和化学', 'Mathematics, physics, chemistry'],
  ['P', '天文学、地球科学', 'Astronomy, earth science'],
  ['Q', '生物科学', 'Life sciences'],
  ['R', '医药、卫生', 'Medicine, health'],
  ['S', '农业科学', 'Agriculture'],
  ['T', '工业技术', 'Industrial technology'],
  ['U', '交通运输', 'Transport'],
  ['V', '航空、航天', 'Aviation, space'],
  ['X', '环境科学、安全科学', 'Environment, safety'],
  ['Z', '综合性图书', 'General works'],
].map(([code, zh, en]) => ({ code: code!, name: both(zh!, en!), records: 12 }))

export const town: TownJson = {
  now: townNow,
  demo: true,
  libraries: [
    {
      id: 'sucheng',
      name: both('苏城图书馆', 'Sucheng Library'),
      phone: '0512-00000001',
      ils: 'up',
      branches: [
        {
          id: 'main',
          libraryId: 'sucheng',
          name: both('人民路总馆', 'Renmin Road main library'),
          address: '人民路 858 号',
          hours: both('周二至周日 9:00–21:00，周一闭馆', 'Tue–Sun 9:00–21:00, closed on Mondays'),
          openNow: true,
        },
        {
          id: 'pingjiang',
          libraryId: 'sucheng',
          name: both('平江路分馆', 'Pingjiang Road branch'),
          address: '平江路 76 号',
          hours: both('每天 9:00–17:30', 'Daily 9:00–17:30'),
          openNow: false,
        },
      ],
      lockers: [
        {
          id: 'guanqian',
          libraryId: 'sucheng',
          name: both('观前街柜', 'Guanqian Street locker'),
          place: '观前街 12 号，美罗商场一楼东门内',
          hours: both('随商场 10:00–22:00', 'As the mall: 10:00–22:00'),
          online: true,
          freeCompartments: 9,
        },
        {
          id: 'yuanqu',
          libraryId: 'sucheng',
          name: both('时代广场柜', 'Times Square locker'),
          place: '园区时代广场 B1 地铁口',
          hours: both('24 小时', '24 hours'),
          online: false,
          freeCompartments: 0,
        },
      ],
    },
    {
      id: 'wujiang',
      name: both('吴江图书馆', 'Wujiang Library'),
      phone: '0512-63012345',
      ils: 'closed-hours',
      branches: [
        {
          id: 'wj-main',
          libraryId: 'wujiang',
          name: both('吴江总馆', 'Wujiang main library'),
          address: '中山南路 1979 号',
          hours: both('周二至周日 9:00–20:30', 'Tue–Sun 9:00–20:30'),
          openNow: true,
        },
      ],
      lockers: [],
    },
  ],
  notices: [
    {
      id: 'notice-1',
      title: both(
        '平江路分馆 12 月 1 日至 3 日闭馆检修',
        'Pingjiang Road branch closed 1–3 December for repairs',
      ),
      body: both(
        '这三天送到这里的书改送人民路总馆，已经下的单会发消息告诉您。',
        'Books on their way there go to the main library; readers with orders are told.',
      ),
      from: '2026-11-20T09:00:00+08:00',
    },
  ],
}

export const recordOf = (book: BibBriefJson): RecordJson => ({
  ...book,
  otherAuthors: [],
  place: '重庆',
  subjects: ['长篇小说', '中国', '当代'],
  summary:
    '文化大革命如火如荼进行的同时，军方探寻外星文明的绝秘计划“红岸工程”取得了突破性进展。按下发射键的那一刻，历经劫难的叶文洁没有意识到，她彻底改变了人类的命运。',
  language: 'chi',
  holdings: [
    {
      libraryId: 'sucheng',
      branchId: 'main',
      barcode: 'ST25005193',
      callNumber: `${book.clc}/12`,
      shelving: 'open',
      status: book.free > 0 ? 'free' : 'lent',
      dueAt: book.free > 0 ? null : '2026-12-04T23:59:00+08:00',
    },
    {
      libraryId: 'sucheng',
      branchId: 'pingjiang',
      barcode: 'ST25005207',
      callNumber: `${book.clc}/12`,
      shelving: 'open',
      status: 'lent',
      dueAt: '2026-12-04T23:59:00+08:00',
    },
    {
      libraryId: 'wujiang',
      branchId: 'wj-main',
      barcode: 'WJ00871265',
      callNumber: `${book.clc}/7`,
      shelving: 'closed',
      status: 'unknown',
      dueAt: null,
    },
  ],
  promise:
    book.free > 0
      ? both(
          `${book.free} 本可借，最快明天 17:00 在观前街柜`,
          `${book.free} to lend, tomorrow 17:00 at Guanqian Street`,
        )
      : both('都借出了，最快 12 月 5 日', 'All lent, 5 December at the earliest'),
})

export const rules: RulesJson = {
  libraryId: 'sucheng',
  pack: { name: 'jincheng', version: '2026.2', from: '2026-09-01T00:00:00+08:00' },
  threshold: {
    zhima: 600,
    text: both(
      '芝麻分满 600 免押金。不够也不要紧：用读者证或交押金，一样能借。',
      'A Zhima score of 600 needs no deposit. Below it, your card or a deposit will do.',
    ),
  },
  waysToJoin: [
    {
      way: 'zhima',
      name: both('芝麻信用', 'Zhima credit'),
      text: both('只问“够不够 600”，不看、不存您的分数。', 'We only ask whether it reaches 600.'),
    },
    {
      way: 'card',
      name: both('读者证', 'Library card'),
      text: both('有读者证就能开通，同时借 3 本。', '3 books at a time.'),
    },
    {
      way: 'deposit',
      name: both('押金', 'Deposit'),
      text: both('押金 100 元，退证时退还。', '¥100.00, given back.'),
    },
  ],
  tiers: [
    {
      id: 'plain',
      name: both('普通', 'Plain'),
      condition: both('开通就是', 'From joining'),
      maxItems: 3,
      loanDays: 30,
      renewals: 1,
      deliveryDiscountPercent: 0,
      deposit: 0,
    },
    {
      id: 'trusted',
      name: both('守信', 'Trusted'),
      condition: both('芝麻分满 600，或积分满 100', 'Zhima 600 or 100 points'),
      maxItems: 10,
      loanDays: 45,
      renewals: 2,
      deliveryDiscountPercent: 20,
      deposit: 0,
    },
  ],
  points: [
    { rule: 'joined', name: both('第一次开通', 'Joined'), points: 100, limit: both('一次', 'once') },
    {
      rule: 'borrowed',
      name: both('借一本书', 'A book borrowed'),
      points: 1,
      limit: both('一天最多 3 分', '3 a day'),
    },
    { rule: 'overdue', name: both('过期，每本每天', 'Overdue, a book and day'), points: -1, limit: null },
    {
      rule: 'lost',
      name: both('遗失一本', 'A book lost'),
      points: -50,
      limit: both('另赔书', 'and replace it'),
    },
  ],
  fees: [
    { name: both('送上门', 'To the door'), direction: 'borrow', text: both('每单 ¥5.00', '¥5.00 an order') },
    { name: both('自助柜、分馆', 'Locker, branch'), direction: 'borrow', text: both('不收费', 'Free') },
    { name: both('快递来取', 'Courier'), direction: 'return', text: both('每单 ¥5.00', '¥5.00 an order') },
  ],
  limits: { itemsPerParcel: 5, openRequests: 10, pickupDays: 3 },
  consent: {
    textVersion: '2026-09',
    text: both(
      '为了替代押金，图书馆会向您选的信用机构问一次“够不够门槛”，只保存答案、时间和有效期，不保存分数。您随时可以在“我的信用”里收回，收回后不再查询，并删除由此得来的结果。',
      'Instead of a deposit the library asks the provider you choose once whether you reach the threshold. Only the answer, its time and its expiry are kept. You can revoke this at any time.',
    ),
  },
}

type Step = z.infer<typeof timelineStep>
const step = (name: string, en: string, at: string | null, done: boolean, note?: string): Step => ({
  step: en,
  name: both(name, en),
  at,
  done,
  note: note ? both(note, note) : null,
})

const waitingLine: LineJson = {
  id: 'line-1',
  recordId: 'bib-1',
  title: '三体',
  author: '刘慈欣',
  clc: 'I247.55',
  status: 'in_locker',
  outcome: null,
  statusName: both('在观前街柜等您', 'Waiting at Guanqian Street'),
  supplierId: 'sucheng',
  barcode: 'ST25005193',
  dueAt: null,
  ilsPending: false,
  trouble: null,
  timeline: [
    step('下单', 'Ordered', '2026-11-21T14:02:00+08:00', true),
    step('馆员找到', 'Found', '2026-11-21T15:20:00+08:00', true, '人民路总馆，二楼 I247.5'),
    step('装箱发出', 'Sent', '2026-11-21T16:05:00+08:00', true),
    step('放进 3 号门', 'In the locker', '2026-11-22T09:40:00+08:00', true),
    step('取书', 'Collected', '2026-11-25T22:00:00+08:00', false, '留到这个时候'),
    step('应还', 'Due', null, false),
  ],
  can: [],
}

const loanLine: LineJson = {
  ...waitingLine,
  id: 'line-2',
  recordId: 'bib-2',
  title: '活着',
  author: '余华',
  clc: 'I247.57',
  status: 'on_loan',
  statusName: both('在您手上', 'With you'),
  barcode: 'ST25001888',
  dueAt: '2026-12-04T23:59:00+08:00',
  timeline: [
    step('下单', 'Ordered', '2026-11-02T10:00:00+08:00', true),
    step('取书', 'Collected', '2026-11-04T18:11:00+08:00', true),
    step('应还', 'Due', '2026-12-04T23:59:00+08:00', false),
  ],
  can: ['renew', 'return-locker', 'return-branch', 'return-courier', 'transfer'],
}

const noFee = { tariff: 0, tierDiscount: 0, concession: 0, subsidy: 0, due: 0 }

export const firstOrders = (): OrderJson[] => [
  {
    id: 'order-1',
    number: '20261121-0007',
    libraryId: 'sucheng',
    createdAt: '2026-11-21T14:02:00+08:00',
    delivery: { way: 'locker', name: both('观前街柜', 'Guanqian Street locker'), targetId: 'guanqian' },
    fee: { ...noFee, why: [both('自助柜取书不收费。', 'Lockers are free.')] },
    promisedAt: '2026-11-22T17:00:00+08:00',
    lines: [waitingLine],
    hasCode: true,
    version: 6,
  },
  {
    id: 'order-2',
    number: '20261102-0003',
    libraryId: 'sucheng',
    createdAt: '2026-11-02T10:00:00+08:00',
    delivery: { way: 'home', name: both('送上门', 'To your door'), targetId: 'address-1' },
    fee: {
      tariff: 500,
      tierDiscount: 100,
      concession: 0,
      subsidy: 0,
      due: 400,
      why: [both('每单 ¥5.00', '¥5.00 an order'), both('“守信”等级减 20%', '20% off for the Trusted tier')],
    },
    promisedAt: '2026-11-04T18:00:00+08:00',
    lines: [
      loanLine,
      {
        ...loanLine,
        id: 'line-3',
        recordId: 'bib-8',
        title: '苏州园林',
        author: '陈从周',
        clc: 'K928.73',
        dueAt: '2026-11-24T23:59:00+08:00',
      },
    ],
    hasCode: false,
    version: 9,
  },
]

/** A new order of the books asked for, as the gateway would first show it. */
export const freshOrder = (recordIds: readonly string[], number: number): OrderJson => ({
  ...firstOrders()[0]!,
  id: `order-${number}`,
  number: `20261122-000${number}`,
  createdAt: townNow,
  promisedAt: '2026-11-23T17:00:00+08:00',
  hasCode: false,
  version: 1,
  lines: recordIds.map((recordId, at) => {
    const book = books.find(one => one.id === recordId)!
    return {
      ...waitingLine,
      id: `line-${number}-${at}`,
      recordId,
      title: book.title,
      ...(book.author && { author: book.author }),
      ...(book.clc && { clc: book.clc }),
      status: 'picking',
      statusName: both('馆员在找', 'Being looked for'),
      timeline: [
        step('下单', 'Ordered', townNow, true),
        step('馆员在找', 'On the pick list', townNow, true),
        step('找到', 'Found', null, false),
        step('放进柜', 'In the locker', '2026-11-23T17:00:00+08:00', false),
        step('取书', 'Collected', null, false),
      ],
      can: ['cancel'],
    }
  }),
})
