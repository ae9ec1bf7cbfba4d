import type { ManualTask } from '../../adapters/ils/manual.ts'
import type { Words } from '../../kernel/problem.ts'

/** What staff are asked to do in their own library system. */
export const manualTaskWords = (task: ManualTask): Words => {
  switch (task.kind) {
    case 'checkout':
      return on(task.request, '请在本馆系统办借出', 'Check it out in your own system')
    case 'checkin':
      return on(task.request, '请在本馆系统办还回', 'Check it in in your own system')
    case 'renew':
      return on(task.request, '请在本馆系统办续借', 'Renew it in your own system')
    case 'place-hold':
      return on(task.request, '请在本馆系统办预约', 'Place a hold in your own system')
    case 'cancel-hold':
      return on(task.request, '请在本馆系统取消预约', 'Cancel the hold in your own system')
  }
}

const on = (
  { card, barcode }: { readonly card?: string; readonly barcode?: string },
  zh: string,
  en: string,
): Words => ({
  zh: [zh, card && `证号 ${card}`, barcode && `条码 ${barcode}`].filter(Boolean).join('，'),
  en: [en, card && `card ${card}`, barcode && `barcode ${barcode}`].filter(Boolean).join(', '),
})
