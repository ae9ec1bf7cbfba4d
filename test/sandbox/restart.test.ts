import { expect, it } from 'vitest'
import { ManualClock } from '../../src/kernel/clock.ts'
import { startSandboxAlipay } from '../../src/sandbox/alipay/alipay.ts'
import { startSandboxSf } from '../../src/sandbox/sf/sf.ts'

const monday = '2026-11-23T02:00:00Z'
const booked = {
  orderId: 'gusu-20261123-0001-1-1',
  waybill: 'SF7444400000001',
  phoneTails: ['0001', '0002'],
  callForPickup: false,
  city: '苏州市',
  cancelled: false,
  routes: [
    {
      id: '16100000001',
      mailno: 'SF7444400000001',
      orderid: 'gusu-20261123-0001-1-1',
      acceptTime: '2026-11-23 09:00:00',
      acceptAddress: '苏州市',
      remark: '已收取快件',
      opCode: '50',
    },
  ],
}

it('a parcel on its way goes on after the carrier was started again', async () => {
  const clock = new ManualClock(monday)
  const sf = await startSandboxSf({
    clock,
    partnerId: 'P',
    checkWord: 'W',
    saved: { orders: [booked], waybills: 1, routes: 1 },
    autoRun: [
      { after: 1000, opCode: '50' },
      { after: 2000, opCode: '44' },
      { after: 3000, opCode: '80' },
    ],
  })
  try {
    expect(sf.parcels()[0]?.opCodes).toEqual(['50'])
    await clock.advance(5000)
    expect(sf.parcels()[0]?.opCodes).toEqual(['50', '44', '80'])
    expect(sf.toJSON()).toMatchObject({ waybills: 1, routes: 3 })
  } finally {
    await sf.close()
  }
})

it('the credit platform still knows after a restart what was borrowed', async () => {
  const clock = new ManualClock(monday)
  const saved = [
    [
      'L1',
      {
        status: 'SIGNED' as const,
        dueAt: clock.now() + 1000,
        borrowed: [{ id: 'GS1', type: 'book', name: '三体' }],
        returned: [],
      },
    ],
  ] as const
  const alipay = await startSandboxAlipay({ clock, people: [], appId: 'A', appPublicKey: '', saved })
  try {
    expect(alipay.contracts()).toEqual([
      { outTransNo: 'L1', status: 'SIGNED', borrowed: ['GS1'], returned: [], overdue: false },
    ])
    expect(alipay.toJSON()).toEqual(saved)
  } finally {
    await alipay.close()
  }
})
