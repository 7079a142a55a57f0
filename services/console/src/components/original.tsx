// A picture as the camera sent it, for those who may, with a reason that is kept.
import { type FormEvent, useEffect, useState } from "react";
import {
  Button,
  Dialog,
  Form,
  Heading,
  Input,
  Label,
  Modal,
  ModalOverlay,
  TextField,
} from "react-aria-components";
import { original, Problem } from "../data/api";
import { useWords, type Words } from "../i18n";

const LEAST = 10;

function why(error: unknown, { t }: Words): string {
  if (!(error instanceof Problem)) return t("act.away");
  return error.status === 404 ? t("original.gone") : t("act.refused", { why: error.message });
}

export function Original({ alert, exhibit }: { alert: string; exhibit: number }) {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  return (
    <div className="original">
      <Button className="button quiet" onPress={() => setOpen(true)}>
        {t("original")}
      </Button>
      {open && <Asked alert={alert} exhibit={exhibit} onClose={() => setOpen(false)} />}
    </div>
  );
}

interface AskedProps {
  alert: string;
  exhibit: number;
  onClose: () => void;
}

function Asked({ alert, exhibit, onClose }: AskedProps) {
  const words = useWords();
  const { t } = words;
  const [url, setUrl] = useState("");
  const [failure, setFailure] = useState<unknown>(null);
  useEffect(() => () => URL.revokeObjectURL(url), [url]);

  const see = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget).get("reason") ?? "");
    setFailure(null);
    original(alert, exhibit, reason).then(
      (blob) => setUrl(URL.createObjectURL(blob)),
      (error: unknown) => setFailure(error),
    );
  };
  return (
    <ModalOverlay className="overlay" isOpen isDismissable onOpenChange={onClose}>
      <Modal className={url ? "modal picture" : "modal"}>
        <Dialog className="dialog">
          <Heading slot="title">{t("original.title")}</Heading>
          <p>{t("original.warning")}</p>
          {url ? (
            <img src={url} alt={t("original.alt")} />
          ) : (
            <Form className="fields" onSubmit={see}>
              <TextField name="reason" isRequired minLength={LEAST} maxLength={500} autoFocus>
                <Label>{t("original.reason")}</Label>
                <Input />
              </TextField>
              <div className="buttons">
                <Button type="submit" className="button primary">
                  {t("original.see")}
                </Button>
              </div>
            </Form>
          )}
          <p className="message" role="alert">
            {failure ? why(failure, words) : ""}
          </p>
          <div className="buttons">
            <Button className="button" onPress={onClose}>
              {t("close")}
            </Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
