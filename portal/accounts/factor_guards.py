"""What the database itself holds about second factors: what was used stays used. And about the mark of a
demonstration: it is made while there are no accounts, then stands for ever.

An entry about an account stays in the audit when the account is gone, so that nobody makes room for the mark.
"""

KEEP_MARK = """
CREATE FUNCTION accounts_keep_demonstration_mark() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        RAISE EXCEPTION 'a demonstration stays one'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'demonstration_stays';
    END IF;
    -- An account that is being made waits, or is waited for.
    LOCK TABLE public.accounts_user IN SHARE ROW EXCLUSIVE MODE;
    IF EXISTS (SELECT FROM public.accounts_user)
       OR EXISTS (SELECT FROM public.audit_entry entry WHERE entry.action LIKE 'account.%') THEN
        RAISE EXCEPTION 'a portal with accounts does not become a demonstration'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'demonstration_is_empty_first';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER accounts_keep_demonstration_mark
BEFORE INSERT OR UPDATE OR DELETE ON public.accounts_demonstrationmark
FOR EACH ROW EXECUTE FUNCTION public.accounts_keep_demonstration_mark();
CREATE TRIGGER accounts_keep_demonstration_mark_whole
BEFORE TRUNCATE ON public.accounts_demonstrationmark
FOR EACH STATEMENT EXECUTE FUNCTION public.accounts_keep_demonstration_mark();
"""
LEAVE_MARK = """
DROP TRIGGER accounts_keep_demonstration_mark_whole ON public.accounts_demonstrationmark;
DROP TRIGGER accounts_keep_demonstration_mark ON public.accounts_demonstrationmark;
DROP FUNCTION public.accounts_keep_demonstration_mark();
"""
# Demonstrations of releases that had no mark: their first accounts were made by nobody's action.
MARK_EARLIER = """
INSERT INTO public.accounts_demonstrationmark (id, since)
SELECT 1, now()
WHERE (
    SELECT count(*) FROM public.accounts_user account
    WHERE (account.username, account.display_name) IN (('xitong', '吴昊'), ('anquan', '郑安'), ('shenjigl', '冯鉴'))
      AND NOT EXISTS (
          SELECT FROM public.audit_entry entry
          WHERE entry.action = 'account.create' AND entry.object_ref = account.id::text
      )
) = 3;
"""

# A code that was taken is never taken again, whatever an update says.
KEEP_USED = """
CREATE FUNCTION accounts_keep_step() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.last_step < OLD.last_step THEN
        RAISE EXCEPTION 'time steps of a device only rise'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'totp_step_only_rises';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER accounts_keep_step BEFORE UPDATE ON public.accounts_totpdevice
FOR EACH ROW EXECUTE FUNCTION public.accounts_keep_step();

CREATE FUNCTION accounts_keep_used_code() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.used_at IS NOT NULL OR NEW.digest <> OLD.digest THEN
        RAISE EXCEPTION 'a recovery code is used once'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'recovery_code_is_used_once';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER accounts_keep_used_code BEFORE UPDATE ON public.accounts_recoverycode
FOR EACH ROW EXECUTE FUNCTION public.accounts_keep_used_code();
"""
LEAVE_USED = """
DROP TRIGGER accounts_keep_used_code ON public.accounts_recoverycode;
DROP FUNCTION public.accounts_keep_used_code();
DROP TRIGGER accounts_keep_step ON public.accounts_totpdevice;
DROP FUNCTION public.accounts_keep_step();
"""
