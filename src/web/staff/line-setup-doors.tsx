import { Button } from 'antd'
import { useEffect, useState } from 'react'
import type { SetupJson } from '../../gateway/http/api/locker-setup.ts'
import { every } from '../base/clock.ts'
import { Icon } from '../base/icons.tsx'
import { Trouble } from '../base/parts.tsx'
import { useWords } from '../base/words.tsx'
import type { LineSetupTexts } from '../i18n/line-setup-zh.ts'
import { SetupDrawing } from './line-setup-drawing.tsx'
import { type Acting, channelName, has, sameChannel, useAct } from './line-setup-use.ts'
import { WhichDoor } from './line-setup-which.tsx'
import { Wiring } from './line-setup-wiring.tsx'

type Channel = SetupJson['channels'][number]

const lookAgain = 1000

const untried = (setup: SetupJson, one: Channel): boolean =>
  !has(setup.doors, one) && !has(setup.none, one) && !has(setup.holding, one)

/** The next channel nobody has tried, from this one on and round again. */
const nextUntried = (setup: SetupJson, from: number): number => {
  const { channels } = setup
  const order = [...channels.keys()].map(at => (from + at) % channels.length)
  return order.find(at => untried(setup, channels[at]!)) ?? Math.min(from, channels.length - 1)
}

interface Step {
  readonly setup: SetupJson
  readonly texts: LineSetupTexts
  readonly acting: Acting
}

/** A channel before it is opened. */
const Ready = (props: Step & { channel: Channel; move: (by: number) => void }) => {
  const { setup, texts, acting, channel, move } = props
  const words = texts.doors
  const holds = has(setup.holding, channel)
  const tried = has(setup.doors, channel) || has(setup.none, channel)
  const label = setup.doors.find(one => sameChannel(one, channel))?.label
  return (
    <div className="setup-door">
      <p className="setup-where figure">
        {words.channel(channel.board, channel.channel)}
        {label !== undefined && <strong> {label}</strong>}
      </p>
      {holds ? (
        <p className="risk at-risk">
          <Icon name="alert" size={20} /> {words.holds}
        </p>
      ) : (
        <>
          <Button
            key={channelName(channel)}
            className="setup-open"
            type="primary"
            danger
            autoFocus
            loading={acting.busy}
            onClick={() => acting.act({ act: 'open', ...channel })}
          >
            {tried ? words.tried : words.open}
          </Button>
          <p className="quiet small">{words.openText}</p>
        </>
      )}
      <div className="setup-acts">
        <Button onClick={() => move(-1)}>{words.previous}</Button>
        <Button onClick={() => move(1)}>{words.skip}</Button>
      </div>
    </div>
  )
}

/** The pulse was given: the board has said what it thinks, now the person says what they see. */
const Opened = ({ setup, texts, acting, at }: Step & { at: NonNullable<SetupJson['at']> }) => {
  const { w } = useWords()
  const words = texts.doors
  const seen = at.seen.map(channelName).join('、')
  return (
    <div className="setup-door">
      <p className="setup-where figure">{words.channel(at.door.board, at.door.channel)}</p>
      <p role="status" className="setup-told">
        {words.told[at.told]} · {words.seen(seen)}
      </p>
      {at.problem && <p className="risk late">{w(at.problem.say)}</p>}
      <h3>{words.which}</h3>
      <WhichDoor
        key={`${setup.turn}`}
        likely={at.likely}
        doors={setup.doors}
        texts={texts}
        submit={words.thisOne}
        busy={acting.busy}
        done={door => void acting.act({ act: 'which', door })}
      >
        <Button loading={acting.busy} onClick={() => acting.act({ act: 'none' })}>
          {words.none}
        </Button>
      </WhichDoor>
    </div>
  )
}

/** The door has a name now; when it reads as shut, the next one comes. */
const Shutting = (props: Omit<Step, 'acting'> & { at: NonNullable<SetupJson['at']>; next: () => void }) => {
  const { setup, texts, at, next } = props
  const words = texts.doors
  const { act } = useAct(setup)
  useEffect(() => every(lookAgain, () => void act({ act: 'check' })), [act])
  const label = setup.doors.find(one => sameChannel(one, at.door))?.label ?? channelName(at.door)
  return (
    <div className="setup-door">
      {setup.taught && (
        <p className={setup.taught === 'no-contact' ? 'risk late' : 'good-word'}>
          <Icon name={setup.taught === 'no-contact' ? 'alert' : 'yes'} size={20} />
          {words.taught[setup.taught]}
        </p>
      )}
      <p className="setup-where" role="status">
        {words.shut(label)}
      </p>
      <p className="quiet">
        {setup.stillOpen.length > 0
          ? words.stillOpen(setup.stillOpen.map(channelName).join('、'))
          : words.shutText}
      </p>
      <Button className="setup-main" type="primary" autoFocus onClick={next}>
        {words.next}
      </Button>
    </div>
  )
}

/** Every channel as a small button: where one is, what is known, and a way to go there. */
const Strip = (props: {
  setup: SetupJson
  texts: LineSetupTexts
  here: Channel | undefined
  go: (at: number) => void
}) => {
  const { setup, texts, here } = props
  const words = texts.doors
  const boards = [...new Set(setup.channels.map(one => one.board))]
  return (
    <details className="setup-strip">
      <summary>{words.channels}</summary>
      {boards.map(board => (
        <div key={board}>
          <h4>{texts.boards.address(board)}</h4>
          <ul>
            {setup.channels.map((one, at) => {
              if (one.board !== board) return null
              const door = setup.doors.find(other => sameChannel(other, one))
              const state = has(setup.holding, one) ? 'holds' : has(setup.none, one) ? 'none' : 'untried'
              const now = here !== undefined && sameChannel(here, one)
              return (
                <li key={channelName(one)}>
                  <button
                    type="button"
                    className={door ? 'seen' : state}
                    aria-current={now ? 'step' : undefined}
                    onClick={() => props.go(at)}
                  >
                    <span className="figure">{one.channel}</span>
                    <span className="small">
                      {door?.label ?? (now ? words.states.here : words.states[state])}
                    </span>
                  </button>
                </li>
              )
            })}
          </ul>
        </div>
      ))}
    </details>
  )
}

/** Door by door, at the pace of the person who stands there. */
export const Doors = (props: { setup: SetupJson; texts: LineSetupTexts; toText: () => void }) => {
  const { setup, texts } = props
  const words = texts.doors
  const acting = useAct(setup)
  const { at, channels } = setup
  const [position, place] = useState(() => nextUntried(setup, 0))
  const [changing, change] = useState<SetupJson['doors'][number]>()
  /** Passed over although it is not read as shut: the person knows better. */
  const [passed, pass] = useState<number>()
  const unsure = setup.wirings.flatMap(({ board, sure, candidates }) =>
    sure || candidates.length < 2 ? [] : [board],
  )
  const waits = at?.waits === 'shut' && passed === setup.turn ? undefined : at?.waits
  const here = waits ? at?.door : channels[position]
  const pulsed = at?.door
  // Whoever has shut the door finds the next one ready.
  const [before, keep] = useState(pulsed)
  if (before && !pulsed) {
    keep(undefined)
    place(
      nextUntried(
        setup,
        channels.findIndex(one => sameChannel(one, before)),
      ),
    )
  } else if (pulsed && pulsed !== before) keep(pulsed)
  const move = (by: number) => place((position + by + channels.length) % channels.length)
  return (
    <section className="card panel setup-step" aria-label={words.title}>
      <h2>{words.title}</h2>
      <p className="figure">{words.done(setup.doors.length, channels.length)}</p>
      <progress
        className="setup-progress"
        aria-label={words.title}
        value={setup.doors.length + setup.none.length}
        max={channels.length}
      />
      {acting.problem && <Trouble problem={acting.problem} />}
      <div className="setup-walk">
        <div>
          {changing ? (
            <div className="setup-door">
              <h3>
                {words.change} {changing.label}
              </h3>
              <WhichDoor
                key={channelName(changing)}
                likely={changing}
                doors={setup.doors}
                texts={texts}
                submit={words.save}
                busy={acting.busy}
                done={async door => {
                  const { board, channel } = changing
                  if (await acting.act({ act: 'change', door: { board, channel, ...door } }))
                    change(undefined)
                }}
              >
                <Button
                  loading={acting.busy}
                  onClick={async () => {
                    const { board, channel } = changing
                    if (await acting.act({ act: 'forget', board, channel })) change(undefined)
                  }}
                >
                  {words.forget}
                </Button>
                <Button onClick={() => change(undefined)}>{words.cancel}</Button>
              </WhichDoor>
            </div>
          ) : setup.mine && at && waits === 'which' ? (
            <Opened {...{ setup, texts, acting, at }} />
          ) : setup.mine && at && waits === 'shut' ? (
            <Shutting
              {...{ setup, texts, at }}
              next={() => {
                pass(setup.turn)
                place(
                  nextUntried(
                    setup,
                    channels.findIndex(one => sameChannel(one, at.door)),
                  ),
                )
              }}
            />
          ) : (
            setup.mine && here && <Ready {...{ setup, texts, acting, move }} channel={here} />
          )}
          <Strip
            setup={setup}
            texts={texts}
            here={here}
            go={to => {
              change(undefined)
              place(to)
            }}
          />
        </div>
        <SetupDrawing setup={setup} texts={texts} here={here} choose={change} />
      </div>
      <Wiring setup={setup} texts={texts} acting={acting} />
      {unsure.length > 0 && <p className="quiet">{words.unsureText(unsure.join('、'))}</p>}
      <Button onClick={props.toText}>{words.toText}</Button>
    </section>
  )
}
