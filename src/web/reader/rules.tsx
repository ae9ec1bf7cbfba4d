import type { RulesJson } from '../../gateway/http/api/open.ts'
import { useData } from '../base/data.ts'
import { Loaded, When } from '../base/parts.tsx'
import { sayMoney } from '../base/say.ts'
import { useWords } from '../base/words.tsx'
import { useLibrary } from './session.ts'
import { Page } from './shell.tsx'

const Tiers = ({ rules }: { rules: RulesJson }) => {
  const { t, w } = useWords()
  const words = t.reader.rulesPage
  return (
    <ul className="tiers">
      {rules.tiers.map(tier => (
        <li key={tier.id} className="card tier">
          <h4 className="serif">{w(tier.name)}</h4>
          <p className="quiet small">{w(tier.condition)}</p>
          <dl className="figures">
            {[
              [words.items, words.itemsOf(tier.maxItems)],
              [words.days, words.daysOf(tier.loanDays)],
              [words.renewals, words.renewalsOf(tier.renewals)],
              [words.discount, words.discountOf(tier.deliveryDiscountPercent)],
              [words.deposit, tier.deposit === 0 ? words.noDeposit : sayMoney(tier.deposit)],
            ].map(([name, value]) => (
              <div key={name}>
                <dt className="quiet small">{name}</dt>
                <dd className="figure">{value}</dd>
              </div>
            ))}
          </dl>
        </li>
      ))}
    </ul>
  )
}

const Points = ({ rules }: { rules: RulesJson }) => {
  const { t, w } = useWords()
  return (
    <ul className="card rows">
      {rules.points.map(rule => (
        <li key={rule.rule} className="point-row">
          <span>
            {w(rule.name)}
            <span className="quiet small block">
              {rule.limit ? w(rule.limit) : t.reader.rulesPage.noLimit}
            </span>
          </span>
          <strong className={rule.points < 0 ? 'figure loss' : 'figure gain'}>
            {rule.points === 0 ? '' : rule.points > 0 ? `+${rule.points}` : rule.points}
          </strong>
        </li>
      ))}
    </ul>
  )
}

/** Everything a reader should know beforehand: threshold, tiers, points, fees, numbers. */
export const RulesText = ({ rules }: { rules: RulesJson }) => {
  const { t, w } = useWords()
  const words = t.reader.rulesPage
  return (
    <div className="rules">
      <section aria-label={words.threshold}>
        <h3>{words.threshold}</h3>
        <div className="card threshold">
          <strong className="big figure serif">{rules.threshold.zhima}</strong>
          <p>{w(rules.threshold.text)}</p>
        </div>
      </section>
      <section aria-label={words.tiers}>
        <h3>{words.tiers}</h3>
        <Tiers rules={rules} />
      </section>
      <section aria-label={words.points}>
        <h3>{words.points}</h3>
        <Points rules={rules} />
      </section>
      <section aria-label={words.fees}>
        <h3>{words.fees}</h3>
        <ul className="card rows">
          {rules.fees.map(fee => (
            <li key={`${fee.direction}${fee.name.en}`} className="point-row">
              <span>
                {w(fee.name)}
                <span className="quiet small block">{words[fee.direction]}</span>
              </span>
              <span className="figure">{w(fee.text)}</span>
            </li>
          ))}
        </ul>
      </section>
      <section aria-label={words.limits}>
        <h3>{words.limits}</h3>
        <ul className="card rows">
          <li className="point-row">{words.perParcel(rules.limits.itemsPerParcel)}</li>
          <li className="point-row">{words.openRequests(rules.limits.openRequests)}</li>
          <li className="point-row">{words.pickupDays(rules.limits.pickupDays)}</li>
        </ul>
        <p className="quiet small note">
          {words.version(rules.pack.name, rules.pack.version)} <When at={rules.pack.from} dayOnly />
        </p>
      </section>
    </div>
  )
}

export const useRules = () => {
  const { library } = useLibrary()
  return useData<RulesJson>(library ? `/api/rules/${encodeURIComponent(library.id)}` : null)
}

export default function Rules() {
  const { t } = useWords()
  const rules = useRules()
  return (
    <Page title={t.reader.rulesPage.title}>
      <Loaded of={rules} lines={10}>
        {known => <RulesText rules={known} />}
      </Loaded>
    </Page>
  )
}
