// Whether the console can be heard: said until it can, and until when it is muted.
import { Button, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { set, settings } from "../data/settings";
import { mute, state, turnOn, unmute } from "../data/sound";
import { useStore } from "../data/store";
import { useWords } from "../i18n";

/** Minutes. */
const MUTED = [5, 15, 30, 60] as const;

/** A loudspeaker, with waves or struck out. */
function Speaker({ heard }: { heard: boolean }) {
  return (
    <svg className="speaker" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path className="body" d="M1.5 5.5h3L8 2.5v11l-3.5-3h-3z" />
      <path
        d={heard ? "M10.2 5.2a4 4 0 0 1 0 5.6M12.3 3.2a7 7 0 0 1 0 9.6" : "M10 5.5l5 5m0-5l-5 5"}
      />
    </svg>
  );
}

export function Sound() {
  const { t, number, clock } = useWords();
  const now = useStore(state);
  const { muted } = useStore(settings);
  if (now === "off" || now === "blocked")
    return (
      <Button className="button sound silent off" aria-label={t("sound.off")} onPress={turnOn}>
        <Speaker heard={false} /> <span className="word">{t("sound.off")}</span>
        <span className="brief">{t("sound.off.brief")}</span>
      </Button>
    );
  const until = now === "muted" ? t("sound.muted", { time: clock(muted).slice(0, 5) }) : "";
  return (
    <MenuTrigger>
      <Button
        className={until ? "button sound silent" : "button quiet sound"}
        aria-label={until || t("sound.on")}
      >
        <Speaker heard={!until} /> {until && <span className="word">{until}</span>}
      </Button>
      <Popover className="popover" placement="bottom end">
        <Menu
          className="options"
          aria-label={t("sound")}
          onAction={(chosen) => {
            if (chosen === "on") unmute();
            else if (chosen === "off") set({ sound: false });
            else mute(Number(chosen));
          }}
        >
          {until && <MenuItem id="on">{t("sound.unmute")}</MenuItem>}
          {MUTED.map((minutes) => (
            <MenuItem key={minutes} id={String(minutes)}>
              {t("sound.mute", { n: number(minutes) })}
            </MenuItem>
          ))}
          <MenuItem id="off">{t("sound.turnoff")}</MenuItem>
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
