"""Completion of the command line in bash and zsh."""

from jaxgan.checks import require_choice

SHELLS = ("bash", "zsh")
BASH = """_jaxgan() {
  local word="${COMP_WORDS[COMP_CWORD]}" before=("${COMP_WORDS[@]:1:COMP_CWORD-1}") words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="COMMANDS"
  elif [[ "$word" == -* ]]; then
    words="$(jaxgan "${before[@]}" --help 2>/dev/null | grep -oE -- '--[a-z][a-z0-9-]*')"
  elif [ "$COMP_CWORD" -eq 2 ] && [[ "${COMP_WORDS[1]}" =~ ^(train|sweep|presets)$ ]]; then
    words="PRESETS"
  fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _jaxgan jaxgan
"""
"""Options are read from the help of the command so far, because they depend on its preset and choices."""
ZSH = "autoload -Uz compinit bashcompinit && compinit && bashcompinit\n"


def script(shell: str, commands: tuple[str, ...], presets: tuple[str, ...]) -> str:
    """Program for a shell that completes commands, presets, options and files.

    Raises:
        ValueError: if it is for neither bash nor zsh.
    """
    require_choice("completion", shell, SHELLS)
    text = BASH.replace("COMMANDS", " ".join(commands)).replace("PRESETS", " ".join(presets))
    return ZSH + text if shell == "zsh" else text
