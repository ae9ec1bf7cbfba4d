import { Button } from 'antd'
import type { SetupJson } from '../../gateway/http/api/locker-setup.ts'
import { Icon } from '../base/icons.tsx'
import { useWords } from '../base/words.tsx'
import type { LineSetupTexts } from '../i18n/line-setup-zh.ts'
import { type Acting, channelName } from './line-setup-use.ts'

type Candidate = SetupJson['wirings'][number]['candidates'][number]

const sayWiring = (texts: LineSetupTexts, { wiring }: Candidate): string =>
  Object.entries(wiring)
    .map(([key, value]) => texts.wiring.names[key]?.[value] ?? `${key}: ${value}`)
    .join(' · ')

type BoardWiring = SetupJson['wirings'][number]

/** One board: what is believed of it, what speaks for it, and the other ways there are. */
const OneBoard = (props: {
  of: BoardWiring
  named: boolean
  setup: SetupJson
  texts: LineSetupTexts
  acting: Acting
}) => {
  const { of, named, setup, texts, acting } = props
  const words = texts.wiring
  const [believed, ...others] = of.candidates
  if (!believed || Object.keys(believed.wiring).length === 0) return null
  return (
    <li>
      {named && <strong>{texts.boards.address(of.board)}</strong>}
      <span>{sayWiring(texts, believed)}</span>
      <span className="quiet">{words.open(believed.open)}</span>
      <span className={of.sure ? 'good-word' : 'risk at-risk'}>
        <Icon name={of.sure ? 'yes' : 'look'} size={20} /> {of.sure ? words.sure : words.unsure}
      </span>
      {others.length > 0 && !of.sure && (
        <details>
          <summary>{words.others(others.length)}</summary>
          <ul className="setup-candidates">
            {others.map(other => (
              <li key={JSON.stringify(other.wiring)}>
                <span>
                  {sayWiring(texts, other)} <span className="quiet">· {words.open(other.open)}</span>
                </span>
                {setup.mine && (
                  <Button
                    size="small"
                    disabled={acting.busy || setup.at?.waits === 'which'}
                    onClick={() => acting.act({ act: 'wiring', board: of.board, wiring: other.wiring })}
                  >
                    {words.believe}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        </details>
      )}
    </li>
  )
}

/** How the contacts are taken to be wired, board by board. */
export const Wiring = (props: { setup: SetupJson; texts: LineSetupTexts; acting: Acting }) => {
  const { w } = useWords()
  const { setup, texts, acting } = props
  const words = texts.wiring
  const { wirings } = setup
  const alike = wirings.every(
    ({ candidates: [believed] }) => Object.keys(believed?.wiring ?? {}).length === 0,
  )
  return (
    <section className="setup-wiring" aria-label={words.title}>
      <h3>{words.title}</h3>
      {alike && <p className="quiet">{words.only}</p>}
      <ul className="setup-board-wirings">
        {wirings.map(of => (
          <OneBoard key={of.board} named={wirings.length > 1} {...{ of, setup, texts, acting }} />
        ))}
      </ul>
      {setup.idle.length > 0 && (
        <p className="quiet small">{words.idle(setup.idle.map(channelName).join('、'))}</p>
      )}
      {setup.silent.map(({ board, say }) => (
        <p key={board} className="risk late">
          <Icon name="alert" size={20} /> {words.silent(board, w(say))}
        </p>
      ))}
      {setup.mine && (
        <Button
          type="link"
          disabled={acting.busy || setup.at?.waits === 'which'}
          onClick={() => acting.act({ act: 'back-to-boards' })}
        >
          {words.backToBoards}
        </Button>
      )}
    </section>
  )
}
